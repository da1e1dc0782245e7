// Results: counting, merging, and their text.
#include <squall/results.h>

#include <squall/catalog.h>
#include <squall/hex.h>

#include <algorithm>
#include <charconv>

namespace squall {
namespace {

constexpr std::string_view header = "squall-results 1";

// One line's fields, taken from the left.
class fields {
public:
    fields(std::string_view line, std::size_t number) : rest_(line), line_(number) {}

    std::string_view word() {
        const std::size_t end = std::min(rest_.find(' '), rest_.size());
        const std::string_view found = rest_.substr(0, end);
        if (found.empty())
            fail("a field is missing");
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return found;
    }
    std::uint64_t number(int base = 10) {
        const std::string_view digits = word();
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
        if (error != std::errc() || end != digits.data() + digits.size())
            fail("'" + std::string(digits) + "' is not a number");
        return value;
    }
    std::uint64_t id() { return number(16); }
    // The rest of the line, with \n and \\ for a line's end and a backslash.
    std::string text() {
        std::string out;
        for (std::size_t i = 0; i < rest_.size(); ++i) {
            if (rest_[i] == '\\' && i + 1 < rest_.size())
                out.push_back(rest_[++i] == 'n' ? '\n' : rest_[i]);
            else
                out.push_back(rest_[i]);
        }
        rest_ = {};
        return out;
    }
    void end() const {
        if (!rest_.empty())
            fail("more fields than expected: '" + std::string(rest_) + "'");
    }
    [[noreturn]] void fail(const std::string& what) const {
        throw results_error("results, line " + std::to_string(line_) + ": " + what, line_);
    }

private:
    std::string_view rest_;
    std::size_t line_;
};

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n')
            out += "\\n";
        else if (c == '\\')
            out += "\\\\";
        else
            out.push_back(c);
    }
    return out;
}

void read_line(results& all, fields& line) {
    const std::string_view kind = line.word();
    if (kind == "runs") {
        all.runs = line.number();
        all.violated = line.number();
    } else if (kind == "site") {
        results::site& site = all.sites[line.id()];
        site.evaluated = line.number();
        site.runs = line.number();
        site.activated = line.number();
        site.fired = line.number();
    } else if (kind == "assertion") {
        results::assertion& assertion = all.assertions[line.id()];
        assertion.runs = line.number();
        assertion.times_true = line.number();
        assertion.times_false = line.number();
        assertion.first_true = line.number();
        assertion.first_false = line.number();
    } else if (kind == "each") {
        const std::uint64_t id = line.id();
        const std::uint64_t times = line.number();
        all.each[{id, line.text()}] = times;
    } else if (kind == "edge") {
        const std::uint64_t edge = line.id();
        const std::uint64_t classes = line.number();
        if (classes == 0 || classes > 255)
            line.fail("the classes of an edge are a number from 1 to 255");
        all.coverage.restore(edge, static_cast<std::uint8_t>(classes));
    } else {
        line.fail("'" + std::string(kind) + "' is not a kind of line");
    }
    line.end();
}

}  // namespace

void results::add(const run& done, const std::vector<edge_count>& edges) {
    results one;
    one.runs = 1;
    one.violated = done.violated() ? 1 : 0;
    for (const site_tally& t : done.site_tallies())
        one.sites[catalog_at(t.index).id] = {t.evaluated, 1, t.activated ? 1u : 0u, t.fired};
    for (const assertion_tally& t : done.assertion_tallies())
        one.assertions[catalog_at(t.index).id] = {1, t.times_true, t.times_false,
                                                  t.times_true != 0 ? done.seed() : no_seed,
                                                  t.times_false != 0 ? done.seed() : no_seed};
    for (const each_tally& t : done.each_tallies())
        one.each[{catalog_at(t.index).id, t.values}] = t.times;
    one.coverage.add(edges);
    merge(one);
}

void results::merge(const results& other) {
    runs += other.runs;
    violated += other.violated;
    for (const auto& [id, from] : other.sites) {
        site& to = sites[id];
        to.evaluated += from.evaluated;
        to.runs += from.runs;
        to.activated += from.activated;
        to.fired += from.fired;
    }
    for (const auto& [id, from] : other.assertions) {
        assertion& to = assertions[id];
        to.runs += from.runs;
        to.times_true += from.times_true;
        to.times_false += from.times_false;
        to.first_true = std::min(to.first_true, from.first_true);
        to.first_false = std::min(to.first_false, from.first_false);
    }
    for (const auto& [key, times] : other.each)
        each[key] += times;
    coverage.merge(other.coverage);
}

std::string to_string(const results& all) {
    std::string out(header);
    const auto number = [](std::uint64_t value) { return " " + std::to_string(value); };
    out += "\nruns" + number(all.runs) + number(all.violated) + "\n";
    for (const auto& [id, s] : all.sites)
        out += "site " + hex(id) + number(s.evaluated) + number(s.runs) + number(s.activated) +
               number(s.fired) + "\n";
    for (const auto& [id, a] : all.assertions)
        out += "assertion " + hex(id) + number(a.runs) + number(a.times_true) + number(a.times_false) +
               number(a.first_true) + number(a.first_false) + "\n";
    for (const auto& [key, times] : all.each)
        out += "each " + hex(key.first) + number(times) + " " + escaped(key.second) + "\n";
    for (const auto& [edge, classes] : all.coverage.classes())
        out += "edge " + hex(edge) + number(classes) + "\n";
    return out;
}

results parse_results(std::string_view text) {
    results all;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        fields here(line, ++number);
        if (number > 1) {
            read_line(all, here);
        } else if (line != header) {
            here.fail(line.substr(0, 15) == header.substr(0, 15)
                          ? "'" + std::string(line) + "' is another version; this squall reads version 1"
                          : "not squall's results: they begin with '" + std::string(header) + "'");
        }
    }
    if (number == 0)
        throw results_error("results, line 1: empty", 1);
    return all;
}

}  // namespace squall
