// Parses translation units and lets the rules look at them.
#ifndef SQUALL_REWRITE_PARSE_H
#define SQUALL_REWRITE_PARSE_H

#include "core/model.h"
#include "driver/database.h"
#include "rules/rules.h"

#include <span>
#include <string>
#include <vector>

namespace squall::rewrite {

struct parsed_unit {
    unit_findings findings;   // empty unless it parsed
    std::string first_error;  // "file:line:column: what"; empty if it parsed
};

// Parses all, `jobs` at once, and gives the results in the order of the units. A unit that crashes the parser
// is one that does not parse.
std::vector<parsed_unit> parse(std::span<const unit> units, const file_set& files,
                               std::span<const rule_info* const> rules, unsigned jobs);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_PARSE_H
