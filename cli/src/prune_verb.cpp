// squall prune: a campaign file made smaller, or rid of runs that are to be made again.
#include "campaign_file.h"
#include "error.h"
#include "help.h"
#include "output.h"
#include "text.h"
#include "verbs.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>

namespace squall::cli {

namespace {

struct prune_options {
    std::string file;
    bool passing = false;
    std::string details;
    std::vector<std::string> again;
    bool json = false;
};

// Only these can be run again: what sites and assertions did in other runs is in the sums already.
constexpr verdict uncounted[] = {verdict::crash, verdict::hang, verdict::exit, verdict::memory,
                                 verdict::protocol};

campaign_file::prune_request request_of(const prune_options& options) {
    campaign_file::prune_request request;
    request.passing = options.passing;
    if (!options.details.empty()) {
        request.details = parse_unsigned(options.details);
        if (!request.details) {
            throw error(fmt::format("--details: '{}' is not a number of runs", printable(options.details)));
        }
    }
    for (const std::string& text : options.again) {
        const verdict* found = std::find_if(std::begin(uncounted), std::end(uncounted),
                                            [&](verdict v) { return name(v) == text; });
        if (found == std::end(uncounted)) {
            throw error(
                fmt::format("--again: '{}' is not one of crash, hang, exit, memory and protocol (what other "
                            "runs did is in the sums already)",
                            printable(text)));
        }
        request.again.push_back(*found);
    }
    if (!request.passing && !request.details && request.again.empty()) {
        throw error("prune what? Say --passing, --details N or --again VERDICT (squall prune --help)");
    }
    return request;
}

int prune(const prune_options& options) {
    const campaign_file::prune_request request = request_of(options);
    std::error_code code;
    const std::uintmax_t before = std::filesystem::file_size(options.file, code);
    const campaign_file::prune_report report = campaign_file::prune(options.file, request);
    const std::uintmax_t after = std::filesystem::file_size(options.file, code);
    if (options.json) {
        write_json({{"version", 1},
                    {"campaign", options.file},
                    {"passing", report.passing},
                    {"details", report.details},
                    {"again", report.again},
                    {"bytes_before", before},
                    {"bytes_after", after}});
    } else {
        write_out(
            fmt::format("{}: {} summed up, {} without details, {} to run again; {} KiB, before {} KiB\n",
                        printable(options.file), counted(report.passing, "passing run", "passing runs"),
                        counted(report.details, "failing run", "failing runs"), grouped(report.again),
                        grouped((after + 1023) / 1024), grouped((before + 1023) / 1024)));
    }
    return exit_code::passed;
}

}  // namespace

void add_prune_verb(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<prune_options>();
    CLI::App* verb = app.add_subcommand("prune", "Make a campaign file smaller");
    set_usage(*verb, "squall prune [--passing] [--details N] [--again VERDICT,...] CAMPAIGN");
    verb->add_option("CAMPAIGN", options->file, "The campaign file, which nobody may be writing to")
        ->required()
        ->type_name("");
    verb->add_flag(
        "--passing", options->passing,
        "Drop the rows of passing runs: their number, events and times stay as sums, their digests go");
    verb->add_option("--details", options->details,
                     "Of each cause of failure keep last events, options and output of the first N runs only")
        ->type_name("N");
    verb->add_option(
            "--again", options->again,
            "Drop the runs with these verdicts, so that squall run --resume makes them again: crash, hang, "
            "exit, memory, protocol, separated by commas")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("VERDICT,...");
    verb->add_flag("--json", options->json, "Print JSON");
    verb->footer(R"(Examples:
  squall prune --passing --details 3 nightly.db
  squall prune --again hang,memory nightly.db            then: squall run --resume --campaign nightly.db ...

What sites, assertions and marks did stays in any case, and so do failing runs with verdict, message, place and digest.

Exit codes: 0 pruned, 2 usage, or a file that cannot be changed.)");
    verb->callback([options, &exit_code] { exit_code = prune(*options); });
}

}  // namespace squall::cli
