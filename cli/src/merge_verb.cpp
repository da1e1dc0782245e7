// squall merge: the campaign files of shards, joined.
#include "campaign_merge.h"
#include "error.h"
#include "help.h"
#include "output.h"
#include "text.h"
#include "verbs.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace squall::cli {

namespace {

struct merge_options {
    std::vector<std::string> files;
    std::string out;
    bool overwrite = false;
    bool json = false;
};

int merge(const merge_options& options) {
    const merge_report report =
        merge_campaigns(options.files, options.out,
                        options.overwrite ? if_campaign_exists::overwrite : if_campaign_exists::fail);
    const tally& counts = report.counts;
    if (options.json) {
        nlohmann::ordered_json out = {
            {"version", 1},
            {"campaign", options.out},
            {"files", options.files},
            {"seeds", counts.runs()},
            {"failures", counts.failures()},
            {"nondeterministic", counts.nondeterministic()},
            {"causes", counts.groups().size()},
            {"sometimes", {{"total", counts.must_reach()}, {"unreached", counts.must_reach_open()}}},
            {"determinism", {{"checked", report.rechecks}}},
            {"exit_code", report.exit_code},
            {"notes", report.notes}};
        write_json(out);
        return exit_code::passed;
    }
    std::string text =
        fmt::format("{} of {} in {}: {}, {}\n", counted(counts.runs(), "seed", "seeds"),
                    counted(report.simulations.size(), "simulation", "simulations"), printable(options.out),
                    counted(counts.failures() + counts.nondeterministic(), "failing", "failing"),
                    counted(counts.groups().size(), "cause", "causes"));
    if (counts.must_reach() > 0) {
        text += fmt::format("sometimes: {} of {} never reached\n", grouped(counts.must_reach_open()),
                            grouped(counts.must_reach()));
    }
    for (const std::string& note : report.notes) {
        text += fmt::format("note: {}\n", note);
    }
    write_out(text);
    return exit_code::passed;
}

}  // namespace

void add_merge_verb(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<merge_options>();
    CLI::App* verb = app.add_subcommand("merge", "Join the campaign files of shards into one");
    set_usage(*verb, "squall merge --out FILE CAMPAIGN...");
    verb->add_option(
            "CAMPAIGN", options->files,
            "Campaign files of one program with the same profile, overrides and faults, no seed in two")
        ->required()
        ->type_name("");
    verb->add_option("--out", options->out, "The file to make")->required()->type_name("FILE");
    verb->add_flag("--overwrite", options->overwrite, "Replace it if it exists");
    verb->add_flag("--json", options->json, "Print JSON");
    verb->footer(R"(Examples:
  squall run --shard 1/4 --campaign shard-1.db --seeds 10000 --keep-going -- ./kv_sim_test    on each of four machines
  squall merge --out all.db shard-*.db
  squall sites all.db --unreached

Exit codes: 0 merged (whatever the runs came to), 2 usage, or files that do not belong together.)");
    verb->callback([options, &exit_code] { exit_code = merge(*options); });
}

}  // namespace squall::cli
