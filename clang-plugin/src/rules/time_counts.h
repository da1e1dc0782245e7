// Integers that count a unit of time, known by their names: request_timeout_ms, kRetryDelaySeconds.
#ifndef SQUALL_REWRITE_TIME_COUNTS_H
#define SQUALL_REWRITE_TIME_COUNTS_H

#include "rules/calls.h"

#include <clang/AST/ASTFwd.h>
#include <clang/AST/Type.h>

#include <string>

namespace squall::rewrite {

// What to do with an integer, if anything.
struct time_count {
    std::string type;               // what it becomes, as C++: "unsigned int"
    const char* refusal = nullptr;  // why it is left alone although its name says what it is
    bool found = false;
};

// The argument, if the call's own words or the argument's say that it is a time to wait.
time_count time_count_of(const called& call, unsigned index, const clang::ASTContext& ast);

// What a variable or member is initialised with or set to, if its name says so and the value is constant.
time_count time_count_of(const clang::ValueDecl& variable, const clang::Expr& value,
                         const clang::ASTContext& ast);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_TIME_COUNTS_H
