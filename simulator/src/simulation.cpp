// The builder, and a campaign inside one test.
#include <squall/simulation.h>

#include "exhaustive.h"
#include "record_file.h"
#include "worker.h"

#include <squall/catalog.h>
#include <squall/exhaust.h>
#include <squall/fault_text.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <ostream>
#include <stdexcept>
#include <utility>

namespace squall {
namespace {

// A whole number from the environment; `otherwise` where it is not set. Nonsense is an error, not zero.
std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    if (text == nullptr || *text == '\0')
        return otherwise;
    const std::string_view digits(text);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size())
        throw std::invalid_argument(std::string("squall: ") + variable + "=" + text +
                                    " is not a whole number from 0 to 18446744073709551615");
    return value;
}

bool is_set(const char* variable) {
    const char* text = std::getenv(variable);
    return text != nullptr && *text != '\0';
}

std::string in_words(nanoseconds time) {
    const auto ms = time.count() / 1'000'000;
    return std::to_string(ms / 1000) + "." + std::to_string(1000 + ms % 1000).substr(1) + " s";
}

}  // namespace

simulation& simulation::processes(std::string group, int count, program body) {
    if (count < 1 || count > 65535)
        throw std::invalid_argument("squall: a group of " + std::to_string(count) +
                                    " processes; 1 to 65535 are possible");
    if (plan_.groups.size() >= 99)
        throw std::invalid_argument("squall: more than 99 process groups");
    plan_.groups.push_back({std::move(group), count, std::move(body)});
    return *this;
}

simulation& simulation::workload(std::string name, int count, workload_factory make) {
    if (count < 0 || count > 65535)
        throw std::invalid_argument("squall: " + std::to_string(count) +
                                    " workloads; 0 to 65535 are possible");
    plan_.workloads.push_back({std::move(name), count, std::move(make)});
    return *this;
}

simulation& simulation::set_faults(std::string text) {
    faults probe;
    squall::set_faults(probe, text);  // throws where it is none
    plan_.fault_changes.push_back(std::move(text));
    return *this;
}

simulation::group& simulation::group_named(std::string_view name) {
    const auto found = std::ranges::find(plan_.groups, name, &group::name);
    if (found == plan_.groups.end())
        throw std::invalid_argument("squall: there is no group '" + std::string(name) +
                                    "'; name it with processes() first");
    return *found;
}

simulation& simulation::keep_up(std::string_view group, std::uint32_t at_least) {
    auto& its = group_named(group);
    if (at_least > static_cast<std::uint32_t>(its.count))
        throw std::invalid_argument("squall: " + std::to_string(at_least) + " of the " +
                                    std::to_string(its.count) + " processes of '" + its.name +
                                    "' cannot stay up");
    its.keep_up = at_least;
    return *this;
}

simulation& simulation::damage_budget(std::string_view group, std::uint32_t copies) {
    auto& its = group_named(group);
    if (copies > static_cast<std::uint32_t>(its.count))
        throw std::invalid_argument("squall: " + std::to_string(copies) + " damaged copies in '" + its.name +
                                    "', which has " + std::to_string(its.count) + " processes");
    its.damage_budget = copies;
    return *this;
}

simulation& simulation::overrides(std::string_view text) {
    for (auto& one : parse_overrides(text))
        plan_.overrides.push_back(std::move(one));
    return *this;
}

simulation& simulation::exhaust(std::string_view pattern, std::uint64_t limit) {
    nth_override(pattern, 0);  // throws where it is none
    plan_.exhaust = pattern;
    plan_.exhaust_limit = limit;
    return *this;
}

namespace {

violation_policy policy_from_environment(violation_policy otherwise) {
    if (!is_set("SQUALL_ON_VIOLATION"))
        return otherwise;
    const std::string_view text = std::getenv("SQUALL_ON_VIOLATION");
    if (text == "throw")
        return violation_policy::throws;
    if (text == "abort")
        return violation_policy::aborts;
    if (text == "record")
        return violation_policy::records;
    throw std::invalid_argument("squall: SQUALL_ON_VIOLATION=" + std::string(text) +
                                " is none of throw, abort, record");
}

}  // namespace

report simulation::run(const std::string& test) {
    report all;
    if (is_set("SQUALL_OVERRIDES")) {
        overrides(std::getenv("SQUALL_OVERRIDES"));
        plan_.exhaust.clear();  // one of its runs is made again
    }
    std::vector<std::string> override_errors = override_problems(plan_.overrides);
    if (is_set("SQUALL_FAULTS")) {
        try {
            set_faults(std::getenv("SQUALL_FAULTS"));
        } catch (const fault_text_error& problem) {
            override_errors.push_back(std::string("SQUALL_FAULTS: ") + problem.what());
        }
    }
    if (!plan_.exhaust.empty())
        for (auto& problem : override_problems({nth_override(plan_.exhaust, 0)}))
            override_errors.push_back(std::move(problem));
    plan_.on_violation = policy_from_environment(plan_.on_violation);
    all.simulation = plan_.name;
    all.test = test;
    const auto found = catalog_errors();
    const std::vector<std::string> record_errors(found.begin(), found.end());
    all.catalog_errors = override_errors;
    all.catalog_errors.insert(all.catalog_errors.end(), record_errors.begin(), record_errors.end());
    if (simulator::is_worker()) {
        all.skipped = !simulator::serve(plan_, test, record_errors, override_errors);
        return all;
    }
    const bool one = is_set("SQUALL_SEED");
    const simulator::record_file record;
    if (record && !one)
        throw std::invalid_argument(
            "squall: SQUALL_RECORD wants SQUALL_SEED=N too: it is the record of one run");
    all.first_seed = number_from("SQUALL_SEED", plan_.first_seed);
    const std::uint64_t count = one ? 1 : number_from("SQUALL_SEEDS", plan_.seeds);
    std::map<std::uint32_t, std::uint64_t> times_true;
    for (std::uint64_t i = 0; i < count; ++i) {
        const run_request request{
            .seed = all.first_seed + i, .chosen = plan_.chosen, .keep_log = static_cast<bool>(record)};
        const bool complete = simulator::run_all_of_seed(plan_, request, [&](run_result result) {
            ++all.runs;
            record.write(result);
            for (const auto& a : result.assertions)
                times_true[a.index] += a.times_true;
            if (!result.passed())
                all.failures.push_back(std::move(result));
            return true;
        });
        if (!complete)
            all.notes.push_back("seed " + std::to_string(request.seed) + ": '" + plan_.exhaust +
                                "' still fails after " + std::to_string(plan_.exhaust_limit) +
                                " runs, the limit");
    }
    for (const auto& e : catalog()) {
        const auto found = times_true.find(e.index);
        if (e.kind == site_kind::sometimes && found != times_true.end() && found->second == 0)
            all.never_true.push_back(std::string(e.detail) + " (" + std::string(e.file) + ":" +
                                     std::to_string(e.line) + ")");
    }
    return all;
}

std::ostream& operator<<(std::ostream& out, const report& all) {
    out << "squall: simulation '" << all.simulation << "': " << all.runs << " runs, seeds from "
        << all.first_seed << ", " << all.failures.size() << " failed\n";
    for (const auto& error : all.catalog_errors)
        out << "  " << error << '\n';
    constexpr std::size_t shown = 3;
    for (std::size_t i = 0; i < all.failures.size() && i < shown; ++i) {
        const run_result& f = all.failures[i];
        out << "  seed " << f.seed << ": " << to_string(f.ended.how) << ": " << f.ended.message;
        if (!f.ended.details.empty())
            out << " (" << f.ended.details << ')';
        out << '\n';
        if (!f.ended.place.empty())
            out << "    at " << f.ended.place << '\n';
        if (!f.ended.process.empty())
            out << "    in " << f.ended.process << '\n';
        out << "    after " << in_words(f.virtual_time) << " virtual time, " << f.events << " events\n";
        const std::size_t last = std::min<std::size_t>(f.tail.size(), 15);
        for (auto it = f.tail.end() - static_cast<std::ptrdiff_t>(last); it != f.tail.end(); ++it)
            out << "      " << *it << '\n';
        out << "    again: SQUALL_SEED=" << f.seed;
        if (!f.exhausted.empty())
            out << " SQUALL_OVERRIDES='" << f.exhausted << "'";
        out << " with this test alone";
        if (!all.test.empty())
            out << " (--gtest_filter=" << all.test << ')';
        out << '\n';
    }
    if (all.failures.size() > shown) {
        out << "  and " << all.failures.size() - shown << " more:";
        for (std::size_t i = shown; i < all.failures.size() && i < shown + 20; ++i)
            out << ' ' << all.failures[i].seed;
        out << '\n';
    }
    for (const auto& name : all.never_true)
        out << "  never true: " << name << '\n';
    for (const auto& note : all.notes)
        out << "  note: " << note << '\n';
    return out;
}

}  // namespace squall
