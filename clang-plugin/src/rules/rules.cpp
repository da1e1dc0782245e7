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
    rule_info{"timeout", rule_group::safe, site_kind::duration,
              "changes durations that arm timers, mostly to shorter ones", &make_timeout_rule},
};

}  // namespace

std::span<const rule_info> all_rules() {
    return table;
}

std::string_view to_string(rule_group group) {
    switch (group) {
        case rule_group::safe:
            return "safe";
    }
    return "";
}

std::vector<const rule_info*> select_rules(const std::vector<std::string>& names) {
    auto stands_for = [](std::string_view name, const rule_info& info) {
        return name == info.name || name == to_string(info.group);
    };
    for (const std::string& name : names) {
        if (std::ranges::none_of(table, [&](const rule_info& info) { return stands_for(name, info); })) {
            std::string what = "no rule or group is named '";
            what.append(name).append("'; there are ");
            for (const rule_info& info : table)
                what.append(info.name).append(", ");
            throw std::invalid_argument(what.append("and the group safe"));
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
