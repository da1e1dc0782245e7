// squall report: a campaign as one HTML file, JSON, JUnit's XML or Markdown.
#include "error.h"
#include "help.h"
#include "output.h"
#include "report_data.h"
#include "report_diagram.h"
#include "report_files.h"
#include "report_formats.h"
#include "report_page.h"
#include "text.h"
#include "verbs.h"
#include "worker_options.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <memory>

namespace squall::cli {

namespace {

using json = nlohmann::ordered_json;

struct report_options {
    std::string campaign = "squall-campaign.db";
    std::string output;
    std::string diagrams = "5";
    std::vector<std::string> sources;
    std::string hang_timeout = "30s";
    std::string memory_limit;
    bool json = false;
    bool junit = false;
    bool markdown = false;
};

void write_to(const std::string& path, std::string_view text) {
    if (path.empty() || path == "-") {
        write_out(text);
        return;
    }
    if (campaign_file::looks_like_one(path)) {
        throw error(fmt::format("{} is a campaign file (say another with -o)", printable(path)));
    }
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) {
        throw error(
            fmt::format("cannot write {} (does its directory exist, and is there space?)", printable(path)));
    }
}

std::string size_text(std::size_t bytes) {
    return bytes < 1'000'000 ? fmt::format("{} kB", (bytes + 999) / 1000)
                             : fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

void write_html(const report_options& options, const report_data& data,
                const std::vector<std::string>& command, std::uint64_t diagrams_max) {
    if (report_template().empty()) {
        report_page({});  // says why there is none, before any seed is run again
    }
    parse_duration(options.hang_timeout, "--hang-timeout");
    memory_limit_of(options.memory_limit, 1);
    json all = report_json(data, true);
    all["sources"] = report_files(data, options.sources);
    json diagrams = json::array();
    std::size_t drawn = 0;
    std::string problem;
    const std::size_t most = std::min<std::uint64_t>(diagrams_max, data.causes.size());
    for (std::size_t cause = 0; cause < most; ++cause) {
        json diagram = replay_diagram(data, cause, {command, options.hang_timeout, options.memory_limit});
        if (diagram.contains("missing")) {
            if (problem.empty()) {
                problem = fmt::format("seed {}: {}", data.causes[cause].seeds.front(),
                                      diagram["missing"].get<std::string>());
            }
        } else {
            ++drawn;
            if (diagram.contains("tail")) {
                all["causes"][cause]["tail"] = std::move(diagram["tail"]);
                diagram.erase("tail");
            }
        }
        diagrams.push_back(std::move(diagram));
    }
    all["diagrams"] = std::move(diagrams);
    const std::string page = report_page(all);
    const std::string path = options.output.empty()
                                 ? std::filesystem::path(options.campaign).replace_extension(".html").string()
                                 : options.output;
    write_to(path, page);
    if (path != "-") {
        fmt::print(stderr, "squall: {} ({}): {}; {}, {} with a diagram\n", printable(path),
                   size_text(page.size()), data.outcome(), counted(data.causes_total, "cause", "causes"),
                   drawn);
    }
    if (!problem.empty()) {
        fmt::print(stderr, "squall: no diagram of {}\n", printable(problem));
    }
}

int report(const report_options& options, const std::vector<std::string>& command) {
    if (int{options.json} + int{options.junit} + int{options.markdown} > 1) {
        throw error("--json, --junit and --markdown: say one of them, and squall report again for another");
    }
    const auto diagrams = parse_unsigned(options.diagrams);
    if (!diagrams) {
        throw error(fmt::format("--diagrams: '{}' is not a number", printable(options.diagrams)));
    }
    const report_data data = read_report(options.campaign);
    if (options.json) {
        write_to(options.output,
                 report_json(data, false).dump(2, ' ', false, json::error_handler_t::replace) + '\n');
    } else if (options.junit) {
        write_to(options.output, report_junit(data));
    } else if (options.markdown) {
        write_to(options.output, report_markdown(data));
    } else {
        write_html(options, data, command, *diagrams);
    }
    return exit_code::passed;
}

}  // namespace

void add_report_verb(CLI::App& app, const std::vector<std::string>& command, int& exit_code) {
    auto options = std::make_shared<report_options>();
    CLI::App* verb =
        app.add_subcommand("report", "Show a campaign: an HTML file to open, JUnit, Markdown, JSON");
    set_usage(*verb, "squall report [OPTIONS] [CAMPAIGN] [-- TEST_BINARY [ARGUMENTS...]]");
    verb->add_option("campaign", options->campaign, "The campaign file of squall run")
        ->capture_default_str()
        ->type_name("");
    verb->add_option(
            "-o,--output", options->output,
            "Where to; - is stdout (default: the campaign's name with .html; stdout for other formats)")
        ->type_name("FILE");
    verb->add_option(
            "--diagrams", options->diagrams,
            "Of how many causes of failure the first seed is run again, for its space-time diagram; 0 "
            "runs nothing")
        ->capture_default_str()
        ->type_name("N");
    verb->add_option(
            "--source", options->sources,
            "Directory that source files are looked for in; may be repeated; after it those above the "
            "current one, the campaign and the binary")
        ->allow_extra_args(false)
        ->type_name("DIR");
    verb->add_option("--hang-timeout", options->hang_timeout, "Give a seed's diagram up after so long")
        ->capture_default_str()
        ->type_name("TIME");
    verb->add_option("--memory-limit", options->memory_limit,
                     "Likewise at so much resident memory: 512M, 2G, none (default: as of squall run)")
        ->type_name("SIZE");
    verb->add_flag("--json", options->json, "JSON instead");
    verb->add_flag("--junit", options->junit, "JUnit's XML instead, for Jenkins, GitLab and their like");
    verb->add_flag("--markdown", options->markdown, "Markdown instead, for a pull request");
    verb->footer(R"(Examples:
  squall report                                       squall-campaign.db becomes squall-campaign.html
  squall report nightly.db -o nightly.html --diagrams 20
  squall report nightly.db -- build/kv_sim_test       the test binary has moved
  squall report nightly.db --source src               and so have the sources
  squall report nightly.db --junit -o junit.xml
  squall report nightly.db --markdown | gh pr comment --body-file -

The HTML file holds all it needs and opens without a network.
Exit codes: 0 written, whatever the campaign's verdict; 2 usage or environment; 130 interrupted.)");
    verb->callback([options, &command, &exit_code] { exit_code = report(*options, command); });
}

}  // namespace squall::cli
