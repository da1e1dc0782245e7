// What the lint found at one place.
#ifndef SQUALL_REWRITE_FINDING_H
#define SQUALL_REWRITE_FINDING_H

#include "lint/checks.h"

#include <string>
#include <tuple>

namespace squall::rewrite {

struct finding {
    unsigned file = 0;  // index in the file_set
    unsigned line = 0;  // both from 1, in bytes
    unsigned column = 0;
    unsigned length = 1;  // bytes that are underlined, all on the line
    const lint_check* check = nullptr;
    std::string message;
    // A fix: text to insert; empty if there is none.
    unsigned fix_line = 0;
    unsigned fix_column = 0;
    std::string fix;
    bool suppressed = false;

    auto key() const { return std::tie(file, line, column, check, message); }
    bool operator<(const finding& other) const { return key() < other.key(); }
};

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_FINDING_H
