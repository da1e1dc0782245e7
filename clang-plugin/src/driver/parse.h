// Parses translation units and lets the rules look at them.
#ifndef SQUALL_REWRITE_PARSE_H
#define SQUALL_REWRITE_PARSE_H

#include "core/model.h"
#include "driver/database.h"
#include "rules/rules.h"

#include <clang/Basic/Diagnostic.h>

#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace clang {
class FileEntryRef;
class FrontendAction;
}  // namespace clang

namespace squall::rewrite {

struct parsed_unit {
    unit_findings findings;      // empty unless it parsed
    std::string first_error;     // "file:line:column: what"; empty if it parsed
    std::set<std::string> read;  // absolute paths of all files that the parse entered; only parse() tells
};

// Called with each file that a parse enters, before anything in it is looked at; once per entry, or more.
using file_seen = std::function<void(const clang::FileEntryRef&)>;

// The parse of one translation unit as an action of Clang. All arguments must outlive it.
std::unique_ptr<clang::FrontendAction> make_action(const file_set& files,
                                                   std::span<const rule_info* const> rules,
                                                   unit_findings& findings, const file_seen& seen);

// Gets all diagnostics of a parse.
using diagnostic_seen = std::function<void(clang::DiagnosticsEngine::Level, const clang::Diagnostic&)>;

// Runs an action over a unit, with further arguments for clang. Returns the first error, empty if there is
// none. A crash is one.
std::string run_action(const unit& what, const std::vector<std::string>& more,
                       const std::function<std::unique_ptr<clang::FrontendAction>()>& make,
                       const diagnostic_seen& diagnostics = {});

// Parses one. A unit that crashes the parser is one that does not parse. `files` may grow in `seen`.
parsed_unit parse_one(const unit& what, const file_set& files, std::span<const rule_info* const> rules,
                      const file_seen& seen = {});

// Parses all, `jobs` at once, and gives the results in the order of the units.
std::vector<parsed_unit> parse(std::span<const unit> units, const file_set& files,
                               std::span<const rule_info* const> rules, unsigned jobs);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_PARSE_H
