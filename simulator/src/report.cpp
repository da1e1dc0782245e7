// Reports as text, JSON and JUnit XML.
#include <squall/report.h>

#include <squall/catalog.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <stdexcept>

#include <unistd.h>

namespace squall {
namespace {

using json = nlohmann::ordered_json;

std::string in_words(nanoseconds time) {
    const auto ms = time.count() / 1'000'000;
    return std::to_string(ms / 1000) + "." + std::to_string(1000 + ms % 1000).substr(1) + " s";
}

std::string counted(std::uint64_t count, const char* one) {
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value);
    return text;
}

std::string place_of(const catalog_entry& e) {
    return std::string(e.file) + ":" + std::to_string(e.line);
}

bool must_come_true(const catalog_entry& e) {
    return e.kind == site_kind::sometimes || e.kind == site_kind::reachable;
}

class painter {
public:
    explicit painter(bool on) : on_(on) {}
    std::string red(const std::string& text) const { return paint("31", text); }
    std::string green(const std::string& text) const { return paint("32", text); }
    std::string bold(const std::string& text) const { return paint("1", text); }

private:
    std::string paint(const char* code, const std::string& text) const {
        return on_ ? "\033[" + std::string(code) + "m" + text + "\033[0m" : text;
    }
    bool on_;
};

std::string headline(const report& all, const painter& paint) {
    const std::uint64_t failed = all.failures.size();
    return "squall: simulation '" + all.simulation + "': " + counted(all.runs, "run") + ", seeds from " +
           std::to_string(all.first_seed) + ", " +
           (failed == 0 ? paint.green("0 failed") : paint.red(std::to_string(failed) + " failed")) + "; " +
           all.stopped_because + "\n";
}

std::string effort(const report& all) {
    std::string text = "  " + in_words(all.virtual_time) + " virtual time, " + counted(all.events, "event");
    if (all.wall_time > 0ns)
        text += ", " +
                number(static_cast<double>(all.runs) / static_cast<double>(all.wall_time.count()) * 1e9) +
                " runs/s on " + counted(all.threads, "thread");
    return text + "\n";
}

std::string failure_text(const report& all, const run_result& f, const painter& paint) {
    constexpr std::size_t events_shown = 15;
    std::string text = "  " + paint.bold("seed " + std::to_string(f.seed)) + ": " +
                       std::string(to_string(f.ended.how)) + ": " + f.ended.message;
    if (!f.ended.details.empty())
        text += " (" + f.ended.details + ")";
    text += "\n";
    if (!f.ended.place.empty())
        text += "    at " + f.ended.place + "\n";
    if (!f.ended.process.empty())
        text += "    in " + f.ended.process + "\n";
    text += "    after " + in_words(f.virtual_time) + " virtual time, " + counted(f.events, "event") + "\n";
    const std::size_t last = std::min(f.tail.size(), events_shown);
    for (auto it = f.tail.end() - static_cast<std::ptrdiff_t>(last); it != f.tail.end(); ++it)
        text += "      " + *it + "\n";
    return text + "    again: " + reproduction(all, f) + "\n";
}

std::string failures_text(const report& all, const painter& paint) {
    constexpr std::size_t shown = 3;
    constexpr std::size_t named = 20;
    std::string text;
    for (std::size_t i = 0; i < all.failures.size() && i < shown; ++i)
        text += failure_text(all, all.failures[i], paint);
    if (all.failures.size() <= shown)
        return text;
    text += "  and " + std::to_string(all.failures.size() - shown) + " more:";
    for (std::size_t i = shown; i < all.failures.size() && i < shown + named; ++i)
        text += " " + std::to_string(all.failures[i].seed);
    return text + (all.failures.size() > shown + named ? " ...\n" : "\n");
}

std::string assertions_text(const report& all) {
    constexpr std::size_t named = 10;
    std::uint64_t evaluated = 0;
    std::vector<std::string> unreached;
    for (const assertion_row& row : all.assertions) {
        evaluated += row.runs > 0 ? 1 : 0;
        const catalog_entry e = catalog_at(row.index);
        if (row.runs == 0 && must_come_true(e))
            unreached.push_back(std::string(e.detail) + " (" + place_of(e) + ")");
    }
    if (all.assertions.empty())
        return {};
    std::string text = "  " + counted(all.assertions.size(), "assertion") + " in the program, " +
                       std::to_string(evaluated) + " evaluated\n";
    for (const std::string& name : all.never_true)
        text += "  never true: " + name + "\n";
    for (std::size_t i = 0; i < unreached.size() && i < named; ++i)
        text += "  never evaluated: " + unreached[i] + "\n";
    if (unreached.size() > named)
        text += "  and " + std::to_string(unreached.size() - named) + " more never evaluated\n";
    return text;
}

std::string sites_text(const report& all) {
    std::uint64_t evaluated = 0;
    std::uint64_t fired = 0;
    for (const site_row& row : all.sites) {
        evaluated += row.evaluated > 0 ? 1 : 0;
        fired += row.fired > 0 ? 1 : 0;
    }
    std::string text;
    if (!all.sites.empty())
        text += "  " + counted(all.sites.size(), "site") + ", " + std::to_string(evaluated) + " evaluated, " +
                std::to_string(fired) + " fired\n";
    if (all.places > 0)
        text += "  coverage: " + std::to_string(all.places_covered) + " of " + std::to_string(all.places) +
                " places\n";
    return text;
}

std::string faults_text(const report& all) {
    if (all.faults.empty())
        return {};
    std::string text = "  faults:";
    for (const auto& [kind, count] : all.faults)
        text += " " + kind + " " + std::to_string(count) + ",";
    text.back() = '\n';
    return text;
}

std::string metrics_text(const report& all) {
    std::string text;
    for (const auto& [name, m] : all.metrics)
        text += "  " + name + ": " + std::to_string(m.count) + " times, mean " + number(m.mean()) +
                ", least " + number(m.least) + ", most " + number(m.most) + ", sum " + number(m.sum) + "\n";
    return text;
}

// What XML 1.0 can hold, escaped.
std::string xml(std::string_view text) {
    std::string out;
    for (const char c : text) {
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
            case '\n':
            case '\t':
                out += c;
                break;
            default:
                out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
        }
    }
    return out;
}

json json_of(const run_result& r, const report& all) {
    return {{"seed", r.seed},
            {"verdict", to_string(r.ended.how)},
            {"message", r.ended.message},
            {"details", r.ended.details},
            {"process", r.ended.process},
            {"place", r.ended.place},
            {"virtual_ns", r.virtual_time.count()},
            {"events", r.events},
            {"options", r.options},
            {"tail", r.tail},
            {"reproduce", reproduction(all, r)}};
}

bool wants_colour(const std::ostream& out) {
    const char* no_colour = std::getenv("NO_COLOR");
    if (no_colour != nullptr && *no_colour != '\0')
        return false;
    return (&out == &std::cout && ::isatty(STDOUT_FILENO) == 1) ||
           (&out == &std::cerr && ::isatty(STDERR_FILENO) == 1);
}

}  // namespace

void metric::add(double value) {
    least = count == 0 ? value : std::min(least, value);
    most = count == 0 ? value : std::max(most, value);
    sum += value;
    ++count;
}

void metric::merge(const metric& other) {
    if (other.count == 0)
        return;
    least = count == 0 ? other.least : std::min(least, other.least);
    most = count == 0 ? other.most : std::max(most, other.most);
    sum += other.sum;
    count += other.count;
}

std::string_view to_string(stop_reason why) noexcept {
    switch (why) {
        case stop_reason::all_seeds:
            return "all-seeds";
        case stop_reason::first_failure:
            return "first-failure";
        case stop_reason::sometimes_reached:
            return "sometimes-reached";
        case stop_reason::coverage_stable:
            return "coverage-stable";
        case stop_reason::wall_time:
            return "wall-time";
    }
    return "unknown";
}

void report::throw_if_failed() const {
    if (!ok())
        throw std::runtime_error(to_text(*this));
}

std::string reproduction(const report& all, const run_result& failed) {
    std::string text = "SQUALL_SEED=" + std::to_string(failed.seed);
    if (!failed.exhausted.empty())
        text += " SQUALL_OVERRIDES='" + failed.exhausted + "'";
    if (const char* faults = std::getenv("SQUALL_FAULTS"); faults != nullptr && *faults != '\0')
        text += " SQUALL_FAULTS='" + std::string(faults) + "'";
    return text + " with this test alone" + (all.test.empty() ? "" : " (--gtest_filter=" + all.test + ")");
}

std::string to_text(const report& all, bool colour) {
    const painter paint(colour);
    std::string text = headline(all, paint);
    for (const auto& error : all.catalog_errors)
        text += "  " + paint.red(error) + "\n";
    text += failures_text(all, paint) + assertions_text(all) + sites_text(all) + faults_text(all) +
            metrics_text(all);
    if (all.runs > 0)
        text += effort(all);
    for (const auto& note : all.notes)
        text += "  note: " + note + "\n";
    return text;
}

std::ostream& operator<<(std::ostream& out, const report& all) {
    return out << to_text(all, wants_colour(out));
}

std::string to_json(const report& all) {
    json out{{"version", 1},
             {"simulation", all.simulation},
             {"test", all.test},
             {"ok", all.ok()},
             {"runs", all.runs},
             {"failed", all.failures.size()},
             {"first_seed", all.first_seed},
             {"stopped", to_string(all.stopped)},
             {"stopped_because", all.stopped_because},
             {"virtual_ns", all.virtual_time.count()},
             {"wall_ns", all.wall_time.count()},
             {"events", all.events},
             {"threads", all.threads},
             {"places_covered", all.places_covered},
             {"places", all.places}};
    out["failures"] = json::array();
    for (const run_result& r : all.failures)
        out["failures"].push_back(json_of(r, all));
    out["assertions"] = json::array();
    for (const assertion_row& row : all.assertions) {
        const catalog_entry e = catalog_at(row.index);
        json one{{"kind", to_string(e.kind)},
                 {"message", e.detail},
                 {"file", e.file},
                 {"line", e.line},
                 {"runs", row.runs},
                 {"true", row.times_true},
                 {"false", row.times_false},
                 {"runs_true", row.runs_true}};
        if (row.runs_true > 0)
            one["first_true"] = row.first_true;
        out["assertions"].push_back(std::move(one));
    }
    out["sites"] = json::array();
    for (const site_row& row : all.sites) {
        const catalog_entry e = catalog_at(row.index);
        out["sites"].push_back({{"kind", to_string(e.kind)},
                                {"rule", e.rule},
                                {"detail", e.detail},
                                {"function", e.function},
                                {"file", e.file},
                                {"line", e.line},
                                {"runs", row.runs},
                                {"evaluated", row.evaluated},
                                {"activated", row.activated},
                                {"fired", row.fired}});
    }
    out["faults"] = all.faults;
    out["metrics"] = json::object();
    for (const auto& [name, m] : all.metrics)
        out["metrics"][name] = {{"count", m.count}, {"sum", m.sum}, {"least", m.least}, {"most", m.most}};
    out["catalog_errors"] = all.catalog_errors;
    out["notes"] = all.notes;
    return out.dump(2, ' ', false, json::error_handler_t::replace);
}

std::string to_junit(const report& all) {
    std::string text = "<testsuite name=\"" + xml(all.simulation) + "\" tests=\"" +
                       std::to_string(all.failures.size() + 1) + "\" failures=\"" +
                       std::to_string(all.failures.size()) + "\" errors=\"" +
                       std::to_string(all.catalog_errors.empty() ? 0 : 1) + "\">\n";
    const std::string of = xml(all.test.empty() ? all.simulation : all.test);
    text += "  <testcase classname=\"" + of + "\" name=\"" +
            counted(all.runs - std::min<std::uint64_t>(all.runs, all.failures.size()), "run") + " passed\">";
    for (const std::string& error : all.catalog_errors)
        text += "<error message=\"" + xml(error) + "\"/>";
    text += "</testcase>\n";
    for (const run_result& r : all.failures)
        text += "  <testcase classname=\"" + of + "\" name=\"seed " + std::to_string(r.seed) +
                "\"><failure type=\"" + std::string(to_string(r.ended.how)) + "\" message=\"" +
                xml(r.ended.message) + "\">" + xml(failure_text(all, r, painter(false))) +
                "</failure></testcase>\n";
    return text + "</testsuite>\n";
}

}  // namespace squall
