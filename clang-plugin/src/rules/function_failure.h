// What a function returns when it fails.
#ifndef SQUALL_REWRITE_FUNCTION_FAILURE_H
#define SQUALL_REWRITE_FUNCTION_FAILURE_H

#include "rules/rules.h"

#include <clang/AST/Type.h>

#include <string>

namespace squall::rewrite {

struct function_failure {
    const char* refusal = nullptr;  // why there is none; null if there is one
    bool asked = false;             // it is annotated
    clang::QualType type;           // that the body returns: of a coroutine, what it gives
    std::string value;              // an expression that means the same anywhere in the body; empty for void
    std::string set;                // statements ahead of it, each with "; " at its end
    std::string because;            // the evidence, for people
};

// Fallible is what is annotated, what .squall.yaml gives a value for, or whose own body returns a failure
// beside other values and whose name or tests say that it is one. docs/reference/rules.md tells how.
function_failure failure_of(const function_view& f, context& at);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_FUNCTION_FAILURE_H
