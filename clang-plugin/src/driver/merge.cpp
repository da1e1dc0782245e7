// Union over translation units, and the order of insertions.
#include "driver/merge.h"

#include "core/identity.h"
#include "rules/rules.h"

#include <algorithm>
#include <tuple>

namespace squall::rewrite {
namespace {

// Sites of one place are neighbours, rules in the order of the table; the rest only picks one of several
// alike.
bool before(const site& a, const site& b) {
    return std::tie(a.at, a.rule, a.owner, a.anchor, a.function, a.detail, a.path, a.line) <
           std::tie(b.at, b.rule, b.owner, b.anchor, b.function, b.detail, b.path, b.line);
}

bool same_edit(const site& a, const site& b) {
    return a.rule == b.rule && a.at == b.at && a.edits == b.edits;
}

constexpr const char* differs = "differs between translation units";

}  // namespace

merged_findings merge(std::span<unit_findings> units, const refusal& refused) {
    auto no_say = [&](const rule_info& rule, unsigned file) {
        return refused ? refused(rule, file) : nullptr;
    };
    std::set<unsigned> c_files;
    std::set<skip> skips;
    // How many units saw a function body here; error-return must have said the same in all of them.
    std::map<place, std::size_t> bodies;
    std::vector<site> all;
    std::map<std::pair<place, const rule_info*>, std::size_t> sightings;
    for (unit_findings& each : units) {
        c_files.insert(each.c_files.begin(), each.c_files.end());
        skips.merge(each.skips);
        for (const place& body : each.bodies)
            ++bodies[body];
        std::set<std::pair<place, const rule_info*>> here;
        for (site& made : each.sites) {
            here.insert({made.at, made.rule});
            all.push_back(std::move(made));
        }
        for (const auto& key : here)
            ++sightings[key];
    }
    std::ranges::sort(all, before);

    merged_findings merged;
    for (auto first = all.begin(); first != all.end();) {
        const auto last = std::find_if(first, all.end(), [&](const site& other) {
            return other.at != first->at || other.rule != first->rule;
        });
        const bool agreed =
            std::all_of(first, last, [&](const site& other) { return same_edit(*first, other); });
        const bool everywhere = first->rule->kind != site_kind::error_return ||
                                sightings[{first->at, first->rule}] == bodies[first->at];
        if (const char* reason = no_say(*first->rule, first->at.file)) {
            for (auto it = first; it != last; ++it)
                skips.insert({it->rule, it->at, reason});
        } else if (c_files.contains(first->at.file)) {
            skips.insert({first->rule, first->at, "file is also C, or C++98"});
        } else if (!agreed || !everywhere) {
            skips.insert({first->rule, first->at, differs});
        } else {
            merged.sites.push_back(std::move(*first));
        }
        first = last;
    }
    assign_ids(merged.sites);
    // Where a rule has no say, it does not matter why it would have passed something over.
    std::erase_if(skips, [&](const skip& each) {
        const char* reason = no_say(*each.rule, each.at.file);
        return reason && std::string_view(reason) != each.reason;
    });
    for (const skip& each : skips)
        ++merged.skips[std::string(each.rule->name)][each.reason];
    merged.skipped = std::move(skips);
    return merged;
}

std::string apply_edits(const std::string& original, std::span<const site* const> sites) {
    struct piece {
        const insertion* what;
        const site* of;
    };
    std::vector<piece> pieces;
    for (const site* each : sites)
        for (const insertion& edit : each->edits)
            pieces.push_back({&edit, each});
    std::ranges::sort(pieces, [](const piece& a, const piece& b) {
        if (a.what->offset != b.what->offset)
            return a.what->offset < b.what->offset;
        if (a.what->kind != b.what->kind)
            return a.what->kind < b.what->kind;
        switch (a.what->kind) {
            // Inner ones first: those that opened last, and of one range those of the later rule.
            case insertion::role::closer:
                if (a.what->partner != b.what->partner)
                    return a.what->partner > b.what->partner;
                return a.of->rule > b.of->rule;
            case insertion::role::opener:
                if (a.what->partner != b.what->partner)
                    return a.what->partner > b.what->partner;
                return a.of->rule < b.of->rule;
            case insertion::role::entry:
                break;
        }
        return a.of->rule < b.of->rule;
    });
    std::string text;
    text.reserve(original.size() + pieces.size() * 64);
    std::size_t copied = 0;
    for (const piece& each : pieces) {
        text.append(original, copied, each.what->offset - copied);
        copied = each.what->offset;
        for (char c : each.what->text) {
            if (c == site_mark)
                text += (each.of->rule->kind == site_kind::coverage ? "squall_count_" : "squall_site_") +
                        hex(each.of->id);
            else
                text += c;
        }
    }
    return text.append(original, copied);
}

}  // namespace squall::rewrite
