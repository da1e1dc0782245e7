// How findings are told: clang's form, JSON, SARIF.
#ifndef SQUALL_REWRITE_LINT_REPORT_H
#define SQUALL_REWRITE_LINT_REPORT_H

#include "lint/finding.h"

#include <map>
#include <string>
#include <vector>

namespace squall::rewrite {

struct lint_report {
    std::vector<finding> findings;                // ordered, those that are suppressed too
    std::map<unsigned, std::string> paths;        // of files, as people are to see them
    std::map<unsigned, std::string> texts;        // of files that have findings
    std::map<std::string, std::string> unparsed;  // by path, the first error
    std::string root;                             // directory that the paths are relative to
    std::string version;                          // of squall

    std::size_t told() const;  // that are not suppressed
};

// "file:line:column: warning: what [squall-check]" with the line and a caret, as clang prints it.
std::string report_text(const lint_report& report);
std::string report_json(const lint_report& report);
// One run of SARIF 2.1.0 (OASIS); suppressed findings are in it as such.
std::string report_sarif(const lint_report& report);

// The text of the file with the fixes of all that is told of it.
std::string fixed_text(const lint_report& report, unsigned file);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_LINT_REPORT_H
