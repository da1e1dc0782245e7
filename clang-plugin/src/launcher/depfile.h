// Dependency files as compilers write them.
#ifndef SQUALL_REWRITE_DEPFILE_H
#define SQUALL_REWRITE_DEPFILE_H

#include <set>
#include <string>
#include <vector>

namespace squall::rewrite {

// The text of a dependency file without the file named `gone`, and with `more` as further dependencies of its
// first target.
std::string corrected_depfile(const std::string& text, const std::string& gone,
                              const std::vector<std::string>& more);

// A dependency file for one target.
std::string new_depfile(const std::string& target, const std::set<std::string>& paths);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_DEPFILE_H
