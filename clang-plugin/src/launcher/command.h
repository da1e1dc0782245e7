// What a compiler's command line asks for, as far as `squall cc` must know it.
#ifndef SQUALL_REWRITE_COMMAND_H
#define SQUALL_REWRITE_COMMAND_H

#include <cstddef>
#include <string>
#include <vector>

namespace squall::rewrite {

struct compiler_command {
    std::size_t compiler = 0;  // index of the compiler: ccache and its like may stand ahead
    bool clang = false;        // takes clang's options
    bool links = false;        // makes an executable
    std::string source;        // the one C++ file that it compiles; empty if there is nothing to rewrite
    std::string left;          // why a compilation of C++ is left alone; empty if it is not, or is none
    std::string depfile;       // the dependency file that it writes; empty if none
};

// `command` with its response files (@FILE) replaced by what they hold.
std::vector<std::string> with_response_files(const std::vector<std::string>& command);

// `command` begins with the compiler, or with a ccache, distcc or sccache and then the compiler; it has no
// response files.
compiler_command read_command(const std::vector<std::string>& command);

// The command for a compiler that is to read what a precompiled header was made of, and not the header
// itself: that holds no sites, and clang refuses one whose files have changed.
std::vector<std::string> without_precompiled(const std::vector<std::string>& command);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_COMMAND_H
