// The determinism lint as a library: finds what two runs of one program may do differently.
//
// Needs no header of LLVM.
#ifndef SQUALL_LINT_H
#define SQUALL_LINT_H

#include <iosfwd>
#include <string>
#include <vector>

namespace squall::rewrite {

struct lint_options {
    std::string build_dir;           // holds compile_commands.json; or the path of that file itself
    std::vector<std::string> paths;  // files and directories to look at
    std::vector<std::string>
        checks;         // names, patterns, with a minus sign ahead: off; empty: all, or as .squall.yaml says
    std::string sarif;  // file to write besides, in SARIF 2.1.0
    std::string version;  // of squall, for the SARIF file
    unsigned jobs = 0;    // translation units parsed at once; 0 means one a processor
    bool fix = false;     // apply the fixes to the files
    bool json = false;    // one JSON object in place of diagnostics
};

// Does it all. Findings go to `out`, complaints to `err`. Returns the exit code of the verb: 0 nothing found;
// 1 something found, or some translation unit did not parse; 2 nothing was looked at, `err` says why.
int lint(const lint_options& options, std::ostream& out, std::ostream& err);

// The table of checks, for people: one line each with name and summary.
std::string list_checks();

}  // namespace squall::rewrite

#endif  // SQUALL_LINT_H
