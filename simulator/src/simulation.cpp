// The builder, and a campaign inside one test.
#include <squall/simulation.h>

#include "campaign.h"
#include "record_file.h"
#include "worker.h"

#include <squall/catalog.h>
#include <squall/exhaust.h>
#include <squall/fault_text.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
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

}  // namespace

namespace {

void check_count(const char* what, const count_range& count, int least) {
    if (count.least < least || count.most < count.least || count.most > 65535)
        throw std::invalid_argument("squall: " + std::string(what) + " from " + std::to_string(count.least) +
                                    " to " + std::to_string(count.most) + "; " + std::to_string(least) +
                                    " to 65535 are possible");
}

}  // namespace

void simulation::check_name(const std::string& name) const {
    const bool taken = std::ranges::find(plan_.groups, name, &group::name) != plan_.groups.end() ||
                       std::ranges::find(plan_.workloads, name, &clients::name) != plan_.workloads.end();
    if (name.empty() || name == "squall" || taken || name.find('/') != std::string::npos)
        throw std::invalid_argument("squall: '" + name + "' cannot be the name of a group or workload: " +
                                    (taken ? "it is taken" : "it is empty, reserved, or has a slash"));
}

simulation& simulation::processes(std::string group, count_range count, program body) {
    check_count("processes of a group", count, 1);
    check_name(group);
    if (plan_.groups.size() >= 99)
        throw std::invalid_argument("squall: more than 99 process groups");
    plan_.groups.push_back({std::move(group), count, std::move(body)});
    return *this;
}

simulation& simulation::cluster(std::string group, const cluster_shape& shape, program body) {
    check_count("data centers", shape.datacenters, 1);
    check_count("zones of a data center", shape.zones, 1);
    check_count("machines of a zone", shape.machines, 1);
    check_count("processes of a machine", shape.processes, 1);
    const double most = static_cast<double>(shape.datacenters.most) * shape.zones.most * shape.machines.most *
                        shape.processes.most;
    if (most > 65535)
        throw std::invalid_argument("squall: a cluster of up to " + std::to_string(most) +
                                    " processes; 65535 are possible");
    const int least =
        shape.datacenters.least * shape.zones.least * shape.machines.least * shape.processes.least;
    processes(std::move(group), count_range(least, static_cast<int>(most)), std::move(body));
    plan_.groups.back().shape = shape;
    return *this;
}

simulation& simulation::workload(std::string name, count_range count, workload_factory make) {
    check_count("workloads", count, 0);
    check_name(name);
    plan_.workloads.push_back({std::move(name), count, std::move(make)});
    return *this;
}

simulation& simulation::tags(std::string_view group, std::string key, std::vector<std::string> values) {
    if (values.empty())
        throw std::invalid_argument("squall: no value for the tag '" + key + "'");
    group_named(group).tags.emplace_back(std::move(key), std::move(values));
    return *this;
}

simulation& simulation::shard(std::uint64_t index, std::uint64_t count) {
    if (index >= count)
        throw std::invalid_argument("squall: shard " + std::to_string(index) + " of " +
                                    std::to_string(count) + "; they count from 0");
    plan_.shard_index = index;
    plan_.shard_count = count;
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
    if (at_least > static_cast<std::uint32_t>(its.count.least))
        throw std::invalid_argument("squall: " + std::to_string(at_least) + " of the " +
                                    std::to_string(its.count.least) + " processes of '" + its.name +
                                    "' cannot stay up");
    its.keep_up = at_least;
    return *this;
}

simulation& simulation::damage_budget(std::string_view group, std::uint32_t copies) {
    auto& its = group_named(group);
    if (copies > static_cast<std::uint32_t>(its.count.least))
        throw std::invalid_argument("squall: " + std::to_string(copies) + " damaged copies in '" + its.name +
                                    "', which has " + std::to_string(its.count.least) + " processes");
    its.damage_budget = copies;
    return *this;
}

simulation& simulation::time_budget(nanoseconds virtual_time) {
    if (virtual_time <= 0s)
        throw std::invalid_argument("squall: a budget of " + std::to_string(virtual_time.count()) +
                                    " ns virtual time; more than 0 is needed");
    plan_.time_budget = virtual_time;
    return *this;
}

simulation& simulation::event_budget(std::uint64_t events) {
    if (events == 0)
        throw std::invalid_argument("squall: a budget of 0 events; more than 0 is needed");
    plan_.event_budget = events;
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
    simulation::plan plan = plan_;
    plan.keep_log = static_cast<bool>(record);
    if (one) {
        plan.given_seeds = {number_from("SQUALL_SEED", 0)};
        plan.shard_index = 0;
        plan.shard_count = 1;
    } else if (is_set("SQUALL_SEEDS")) {
        plan.given_seeds.clear();
        plan.seeds = number_from("SQUALL_SEEDS", plan.seeds);
    }
    plan.threads =
        static_cast<unsigned>(std::min<std::uint64_t>(number_from("SQUALL_THREADS", plan.threads), 1024));
    simulator::run_campaign(plan, all, [&](const run_result& result) { record.write(result); });
    return all;
}

}  // namespace squall
