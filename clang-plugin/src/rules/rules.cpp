// The table of rules.
#include "rules/rules.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace squall::rewrite {
namespace {

constexpr std::array table{
    rule_info{"coverage", rule_group::safe, site_kind::coverage,
              "marks function entries and branches as reached", &make_coverage_rule},
    rule_info{"error-return", rule_group::safe, site_kind::error_return,
              "makes functions that can fail return their failure", &make_error_return_rule},
    rule_info{"exception", rule_group::safe, site_kind::exception,
              "throws at the start of a function what it throws itself when something fails",
              &make_exception_rule},
    rule_info{"error-path", rule_group::aggressive, site_kind::sometimes,
              "asks of a campaign that each error branch, handler, default case and retry is reached",
              &make_error_path_rule},
    rule_info{"answer-lost", rule_group::aggressive, site_kind::answer_lost,
              "returns the failure after the work is done", &make_answer_lost_rule},
    rule_info{"timeout", rule_group::safe, site_kind::duration,
              "changes durations that arm timers, mostly to shorter ones", &make_timeout_rule},
    rule_info{"capacity", rule_group::aggressive, site_kind::knob,
              "makes limits, batches, depths and queue sizes smaller", &make_capacity_rule},
    rule_info{"knob", rule_group::safe, site_kind::knob,
              "turns variables that are annotated [[squall::knob(low, high)]]", &make_knob_rule},
    rule_info{"short-io", rule_group::safe, site_kind::short_io,
              "reads and writes fewer bytes than asked for", &make_short_io_rule},
    rule_info{"allocation", rule_group::aggressive, site_kind::allocation, "fails allocations of memory",
              &make_allocation_rule},
    rule_info{"interleaving", rule_group::aggressive, site_kind::delay,
              "gives other threads time before locks and atomic operations", &make_interleaving_rule},
    rule_info{"delay", rule_group::safe, site_kind::delay,
              "stands still before an awaited operation, and where it is annotated", &make_delay_rule},
    rule_info{"sometimes", rule_group::safe, site_kind::sometimes,
              "asks of a campaign that what is annotated [[squall::sometimes(\"name\")]] is reached",
              &make_sometimes_rule},
    rule_info{"skip", rule_group::safe, site_kind::skip,
              "leaves out statements that are annotated [[squall::skip]]", &make_skip_rule},
};

}  // namespace

std::span<const rule_info> all_rules() {
    return table;
}

std::string_view to_string(rule_group group) {
    switch (group) {
        case rule_group::safe:
            return "safe";
        case rule_group::aggressive:
            return "aggressive";
    }
    return "";
}

std::vector<const rule_info*> select_rules(const std::vector<std::string>& names) {
    auto stands_for = [](std::string_view name, const rule_info& info) {
        return name == info.name || name == to_string(info.group) || name == "all";
    };
    for (const std::string& name : names) {
        if (std::ranges::none_of(table, [&](const rule_info& info) { return stands_for(name, info); })) {
            std::string what = "no rule or group is named '";
            what.append(name).append("'; there are ");
            for (const rule_info& info : table)
                what.append(info.name).append(", ");
            throw std::invalid_argument(what.append("and the groups safe, aggressive and all"));
        }
    }
    std::vector<const rule_info*> chosen;
    for (const rule_info& info : table) {
        const bool wanted =
            names.empty()
                ? info.group == rule_group::safe
                : std::ranges::any_of(names, [&](const std::string& name) { return stands_for(name, info); });
        if (wanted)
            chosen.push_back(&info);
    }
    return chosen;
}

}  // namespace squall::rewrite
