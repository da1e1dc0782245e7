// The page of `man squall`.
#include "shell_completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace squall::cli {

namespace {

// A text that troff prints as it is.
std::string roff(std::string_view text) {
    std::string out;
    bool begins = true;
    for (const char c : text) {
        if (begins && (c == '.' || c == '\'')) {
            out += "\\&";
        }
        begins = c == '\n';
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else if (c == '\'') {
            out += "\\(aq";
        } else if (c == '^') {
            out += "\\(ha";
        } else if (c == '~') {
            out += "\\(ti";
        } else {
            out += c;
        }
    }
    return out;
}

std::string as_it_is(std::string_view text) {
    std::string lines = roff(text);
    while (lines.ends_with('\n')) {
        lines.pop_back();
    }
    return ".nf\n" + lines + "\n.fi\n";
}

// Lines without what stands before them to match "Usage: ".
std::string aligned(std::string_view usage) {
    std::string text;
    while (!usage.empty()) {
        const std::size_t end = std::min(usage.find('\n'), usage.size());
        const std::string_view line = usage.substr(0, end);
        text.append(line.substr(std::min(line.find_first_not_of(' '), line.size()))).append("\n");
        usage.remove_prefix(std::min(end + 1, usage.size()));
    }
    return text;
}

std::string option_text(const option_entry& option) {
    std::string head;
    for (const std::string& name : option.names) {
        head += fmt::format("{}\\fB{}\\fR", head.empty() ? "" : ", ", roff(name));
    }
    if (!option.value.empty()) {
        head += fmt::format("{}\\fI{}\\fR", head.empty() ? "" : " ", roff(option.value));
    }
    return ".TP\n" + head + "\n" + roff(option.description) + "\n";
}

}  // namespace

std::string manual_page(const verb_entry& command, const std::vector<verb_entry>& verbs,
                        const std::string& version) {
    std::string text = fmt::format(
        ".\\\" Made by `squall completion man`.\n.TH SQUALL 1 \"\" \"squall {}\" \"User Commands\"\n",
        roff(version));
    text += ".SH NAME\nsquall \\- fault injection and deterministic simulation for C++\n.SH SYNOPSIS\n";
    for (const verb_entry& verb : verbs) {
        text += as_it_is(aligned(verb.usage));
    }
    text += ".SH DESCRIPTION\n";
    for (const verb_entry& verb : verbs) {
        text += fmt::format(".TP\n\\fB{}\\fR\n{}.\n", roff(verb.name), roff(verb.description));
    }
    text += ".SH OPTIONS\n";
    for (const option_entry& option : command.options) {
        text += option_text(option);
    }
    for (const verb_entry& verb : verbs) {
        text += fmt::format(".SH SQUALL {}\n{}.\n.PP\n", roff(verb.name), roff(verb.description));
        text += as_it_is(aligned(verb.usage));
        for (const option_entry& option : verb.positionals) {
            text += option_text(option);
        }
        for (const option_entry& option : verb.options) {
            text += option_text(option);
        }
        if (!verb.footer.empty()) {
            text += ".PP\n" + as_it_is(verb.footer);
        }
    }
    text += ".SH FILES\n.TP\nsquall\\-campaign.db\nThe results of \\fBsquall run\\fR: an SQLite database.\n";
    text += ".SH ENVIRONMENT\n";
    for (const auto& [name, what] :
         {std::pair("NO_COLOR", "If it is set and not empty, no colour."),
          std::pair("SQUALL_OVERRIDES, SQUALL_FAULTS", "What stands before --override and --faults."),
          std::pair("GTEST_SHARD_INDEX, GTEST_TOTAL_SHARDS, SLURM_ARRAY_TASK_ID, SLURM_ARRAY_TASK_COUNT, "
                    "JOB_COMPLETION_INDEX",
                    "Which share of a campaign to run, unless --shard says so.")}) {
        text += fmt::format(".TP\n{}\n{}\n", roff(name), roff(what));
    }
    return text;
}

}  // namespace squall::cli
