// The compiler launcher as a library: compiles a file in its instrumented form, under its own name.
//
// Needs no header of LLVM.
#ifndef SQUALL_LAUNCH_H
#define SQUALL_LAUNCH_H

#include <iosfwd>
#include <string>
#include <vector>

namespace squall::rewrite {

struct launch_options {
    std::string root;                // of the project; empty: found from the source
    std::vector<std::string> rules;  // names of rules or groups; empty means the group `safe`
    bool verbose = false;            // tell how many sites each file has
    std::string executable;  // squall itself, for dependency files and to find what is installed with it
};

// Runs `command`, a gcc or clang command line that may begin with ccache, and returns its exit code. A
// command that compiles one C++ file of the project has the compiler read it with sites; one that links a
// program adds the library that these need; any other runs as it is. What cannot be rewritten is compiled as
// written, with a line to `err`. 2 if the command cannot be run at all.
int launch(const launch_options& options, const std::vector<std::string>& command, std::ostream& err);

}  // namespace squall::rewrite

#endif  // SQUALL_LAUNCH_H
