// Unified diffs between texts of equal numbers of lines.
#ifndef SQUALL_REWRITE_DIFF_H
#define SQUALL_REWRITE_DIFF_H

#include <string>

namespace squall::rewrite {

// What `git diff` would print for the file: `patch -p1` and `git apply` take it. Empty if the texts are
// equal. Both texts must have the same number of lines: edits never add one.
std::string unified_diff(const std::string& path, const std::string& before, const std::string& after);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_DIFF_H
