// Comments that say what is meant to be as it is: NOLINT and its likes, as clang-tidy has them.
#ifndef SQUALL_REWRITE_SUPPRESSIONS_H
#define SQUALL_REWRITE_SUPPRESSIONS_H

#include "lint/checks.h"

#include <string>
#include <string_view>
#include <vector>

namespace squall::rewrite {

// Of one file: NOLINT on a line, NOLINTNEXTLINE on the one before, NOLINTBEGIN and NOLINTEND around; alone or
// with patterns of check names in parentheses.
class suppressions {
public:
    explicit suppressions(std::string_view text);
    bool covers(const lint_check& check, unsigned line) const;  // from 1

private:
    struct area {
        unsigned first;
        unsigned last;
        std::vector<std::string> patterns;  // none: all checks
    };
    std::vector<area> areas_;
};

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_SUPPRESSIONS_H
