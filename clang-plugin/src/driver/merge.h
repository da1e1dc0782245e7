// Makes one consistent set of sites and edits out of what all translation units say.
#ifndef SQUALL_REWRITE_MERGE_H
#define SQUALL_REWRITE_MERGE_H

#include "core/model.h"

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace squall::rewrite {

struct merged_findings {
    std::vector<site> sites;                                          // ordered by place, with ids
    std::map<std::string, std::map<std::string, std::size_t>> skips;  // by rule, by reason
    std::set<skip> skipped;                                           // the same one by one
};

// Why a rule has no say in a file, or null.
using refusal = std::function<const char*(const rule_info&, unsigned file)>;

// A site that two translation units see differently, or that one sees where another sees a function that
// cannot have it, is dropped and counted: the text of the file can be only one. The order of the units does
// not matter but for what people read.
merged_findings merge(std::span<unit_findings> units, const refusal& refused = {});

// The text with its insertions; `sites` are those of this file.
std::string apply_edits(const std::string& original, std::span<const site* const> sites);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_MERGE_H
