// The report as JUnit's XML.
#include "report_formats.h"
#include "text.h"

#include <fmt/format.h>

namespace squall::cli {

namespace {

// What XML 1.0 has no way to write (controls, U+FFFE, U+FFFF) is shown as printable() shows it.
std::string xml(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    for (const std::string_view none : {"\xef\xbf\xbe", "\xef\xbf\xbf"}) {
        for (std::size_t at = out.find(none); at != std::string::npos; at = out.find(none, at)) {
            out.replace(at, none.size(), "\xef\xbf\xbd");
        }
    }
    return out;
}

// Whether the run came to no judgement of its own.
bool is_error(verdict v) {
    switch (v) {
        case verdict::crash:
        case verdict::exit:
        case verdict::hang:
        case verdict::memory:
        case verdict::protocol:
        case verdict::exception:
            return true;
        default:
            return false;
    }
}

std::string cause_text(const report_cause& cause) {
    std::string text = fmt::format("{}\n", command_line(cause.replay));
    text += cause.runs == 1 ? "seed" : "seeds";
    for (std::size_t i = 0; i < std::min<std::size_t>(cause.seeds.size(), 20); ++i) {
        text += fmt::format("{} {}", i == 0 ? "" : ",", cause.seeds[i]);
    }
    if (cause.runs > 20) {
        text += fmt::format(" and {} more", grouped(cause.runs - 20));
    }
    std::string out = xml(text.substr(0, text.find('\n'))) + '\n' + xml(text.substr(text.find('\n') + 1));
    out += cause.tail.empty() ? "\n" : "\nthe last events:\n";
    for (const std::string& line : cause.tail) {
        out += xml(line) + '\n';
    }
    for (const std::string& line : last_lines(cause.output, 40)) {
        out += "| " + xml(line) + '\n';
    }
    return out;
}

std::string case_start(std::string_view classname, std::string_view name, double seconds) {
    return fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"", xml(classname),
                       xml(name), seconds);
}

struct suite {
    std::string cases;
    std::size_t tests = 0;
    std::size_t failures = 0;
    std::size_t errors = 0;
    std::size_t skipped = 0;

    std::string text(std::string_view name, double seconds) const {
        return fmt::format(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
            "time=\"{:.3f}\">\n"
            "{}  </testsuite>\n",
            xml(name), tests, failures, errors, skipped, seconds, cases);
    }
};

suite simulation_suite(const report_data& data, std::uint32_t number) {
    const report_simulation& simulation = data.simulations[number];
    suite result;
    for (const report_cause& cause : data.causes) {
        if (cause.simulation != number) {
            continue;
        }
        const bool is_broken = is_error(cause.verdict);
        const char* element = is_broken ? "error" : "failure";
        ++result.tests;
        ++(is_broken ? result.errors : result.failures);
        const std::string what =
            fmt::format("{}: {}", name(cause.verdict), cause.message.empty() ? "no message" : cause.message);
        result.cases += case_start(simulation.name.test,
                                   cause.place.empty() ? what : fmt::format("{} ({})", what, cause.place), 0);
        result.cases += fmt::format(">\n      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n    </testcase>\n",
                                    element, name(cause.verdict), xml(cause.message), cause_text(cause));
    }
    if (result.tests == 0) {
        result.tests = 1;
        result.cases =
            case_start(simulation.name.test, simulation.name.simulation, simulation.wall_seconds) + "/>\n";
    }
    return result;
}

suite sometimes_suite(const report_data& data) {
    suite result;
    for (const place& p : data.places) {
        if (!must_be_reached(p.what.kind)) {
            continue;
        }
        ++result.tests;
        result.cases +=
            case_start(p.what.kind, fmt::format("{} ({}:{})", p.what.detail, p.what.file, p.what.line), 0);
        if (p.reached()) {
            result.cases += "/>\n";
        } else {
            ++result.skipped;
            result.cases += fmt::format(
                "><skipped message=\"{}\"/></testcase>\n",
                p.runs > 0 ? fmt::format("never true, though evaluated in {}", counted(p.runs, "run", "runs"))
                           : fmt::format("never evaluated in {}", counted(data.runs, "run", "runs")));
        }
    }
    return result;
}

}  // namespace

std::string report_junit(const report_data& data) {
    std::string suites;
    suite sum;
    double seconds = 0;
    const auto add = [&](const suite& one, const std::string& name, double time) {
        suites += one.text(name, time);
        sum.tests += one.tests;
        sum.failures += one.failures;
        sum.errors += one.errors;
        sum.skipped += one.skipped;
        seconds += time;
    };
    for (std::uint32_t i = 0; i < data.simulations.size(); ++i) {
        const report_simulation& simulation = data.simulations[i];
        add(simulation_suite(data, i),
            fmt::format("{} ({})", simulation.name.test, simulation.name.simulation),
            simulation.wall_seconds);
    }
    if (const suite sometimes = sometimes_suite(data); sometimes.tests > 0) {
        add(sometimes, "sometimes", 0);
    }
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"squall\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
        "time=\"{:.3f}\">\n{}</testsuites>\n",
        sum.tests, sum.failures, sum.errors, seconds, suites);
}

}  // namespace squall::cli
