// The source tool as a library: reads C++ through a compilation database and writes a copy that carries
// sites.
//
// Needs no header of LLVM, so that the command line in front of it does not either.
#ifndef SQUALL_INSTRUMENT_H
#define SQUALL_INSTRUMENT_H

#include <iosfwd>
#include <string>
#include <vector>

namespace squall::rewrite {

struct instrument_options {
    std::string build_dir;           // holds compile_commands.json; or the path of that file itself
    std::string out_dir;             // where the copy goes; not read with `diff` and `in_place`
    std::vector<std::string> paths;  // files and directories to rewrite, relative to the working directory
    std::vector<std::string> rules;  // names of rules or groups; empty means the group `safe`
    // With `out_dir`: writes a dependency file for build systems, FILE.d for the target FILE, that names all
    // that was read. Of a unit that did not parse it names nothing.
    std::string depfile;
    unsigned jobs = 0;      // translation units parsed at once; 0 means one a processor
    bool in_place = false;  // rewrite the files themselves; revert() puts them back
    bool diff = false;      // print a unified diff instead of writing anything
    std::string explain;    // a site's id: tell why it is there, and write nothing
    std::string why_not;    // FILE:LINE: tell what was passed over there, and write nothing
    bool verbose = false;   // list what was skipped, and why
    bool json = false;      // the summary as one JSON object
};

// Does it all. The summary or the diff goes to `out`, complaints to `err`. Returns the exit code of the verb:
// 0 all well; 1 the output is complete but some translation unit did not parse and was copied as it is;
// 2 nothing was written, `err` says why; 130 interrupted, nothing was written.
int instrument(const instrument_options& options, std::ostream& out, std::ostream& err);

// Puts back what `in_place` rewrote below `directory`, or below the nearest directory upwards where something
// was. Files that were changed since stay unless `force` is said. Returns the exit code of the verb: 0 all is
// as it was; 1 some files were changed since and stay, `err` names them; 2 nothing was put back, `err` says
// why.
int revert(const std::string& directory, bool force, std::ostream& out, std::ostream& err);

// The table of rules, for people: one line each with name, group and summary.
std::string list_rules();

}  // namespace squall::rewrite

#endif  // SQUALL_INSTRUMENT_H
