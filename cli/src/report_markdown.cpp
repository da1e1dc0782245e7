// The report as Markdown, short enough for a pull request.
#include "report_formats.h"
#include "text.h"

#include <fmt/format.h>

#include <cmath>

namespace squall::cli {

namespace {

constexpr std::size_t causes_shown = 10;
constexpr std::size_t unmet_shown = 10;
constexpr std::size_t message_bytes = 300;

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
}

// Nothing in it is Markdown, HTML, a mention, a link or a reference: what could be becomes a character
// reference. GitHub links "www." and "GH-12" too, and takes no underscore within a word for emphasis.
std::string plain(std::string_view text) {
    std::string shown = printable(text);
    if (shown.size() > message_bytes) {
        shown = valid_utf8(shown.substr(0, message_bytes)) + "...";
    }
    std::string out;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const char c = shown[i];
        const char before = i > 0 ? shown[i - 1] : ' ';
        const char after = i + 1 < shown.size() ? shown[i + 1] : ' ';
        bool is_harmless = is_word(c) || std::string_view(" ,;'=/()").find(c) != std::string_view::npos;
        is_harmless = is_harmless || (c == '.' && before != 'w' && before != 'W');
        is_harmless = is_harmless || (c == '-' && before != 'h' && before != 'H' && i > 0);
        is_harmless = is_harmless || (c == '_' && is_word(before) && is_word(after));
        if (is_harmless) {
            out += c;
        } else {
            out += fmt::format("&#{};", static_cast<int>(c));
        }
    }
    return out;
}

// A fenced block, with a fence longer than any in the text.
std::string fenced(std::string_view text) {
    std::string fence = "```";
    while (text.find(fence) != std::string_view::npos) {
        fence += '`';
    }
    return fmt::format("{}sh\n{}\n{}\n", fence, text, fence);
}

std::string left_text(const discovery_estimate& left, std::string_view what) {
    const auto unseen = static_cast<std::uint64_t>(std::llround(left.unseen()));
    return fmt::format("about {} {} not seen yet (Chao2), {:.2g} new expected in the next run (Good-Turing)",
                       grouped(unseen), what, left.next_run);
}

}  // namespace

std::string report_markdown(const report_data& data) {
    const place_totals t = totals_of(data.places);
    std::string out = fmt::format("### squall: {}\n\n", data.outcome());
    out += fmt::format("{}, {} failing", counted(data.runs, "run", "runs"), grouped(data.failing));
    if (data.causes_total > 0) {
        out += fmt::format(" of {}", counted(data.causes_total, "cause", "causes"));
    }
    if (t.marks > 0) {
        out += fmt::format("; {} of {} coverage marks", grouped(t.marks_reached), grouped(t.marks));
    }
    if (t.sites > 0) {
        out += fmt::format("; {} of {} sites fired", grouped(t.sites_fired), grouped(t.sites));
    }
    out += ".\n";
    for (std::size_t i = 0; i < std::min(causes_shown, data.causes.size()); ++i) {
        const report_cause& cause = data.causes[i];
        out += fmt::format("\n**{}: {}**", name(cause.verdict),
                           plain(cause.message.empty() ? "no message" : cause.message));
        if (!cause.place.empty()) {
            out += fmt::format(" at {}", plain(cause.place));
        }
        out += fmt::format(", {}\n\n", counted(cause.runs, "seed", "seeds"));
        out += fenced(printable(command_line(cause.replay)));
    }
    if (data.causes_total > causes_shown) {
        out += fmt::format("\n{}.\n", counted(data.causes_total - causes_shown, "more cause", "more causes"));
    }
    if (const auto open = unmet(data); !open.empty()) {
        out += fmt::format("\n{} of {} that should sometimes happen never did:\n\n", grouped(open.size()),
                           grouped(t.must));
        for (std::size_t i = 0; i < std::min(unmet_shown, open.size()); ++i) {
            out += fmt::format("- {} ({}:{})\n", plain(open[i]->what.detail), plain(open[i]->what.file),
                               open[i]->what.line);
        }
        if (open.size() > unmet_shown) {
            out += fmt::format("- and {} more\n", grouped(open.size() - unmet_shown));
        }
    }
    if (t.marks > 0 && data.runs > 0) {
        out += fmt::format("\nCoverage: {}.\n", left_text(data.coverage_left, "marks"));
    }
    return out;
}

}  // namespace squall::cli
