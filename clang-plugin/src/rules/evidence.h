// What a function's own body says about whether and how it fails.
#ifndef SQUALL_REWRITE_EVIDENCE_H
#define SQUALL_REWRITE_EVIDENCE_H

#include <clang/AST/ASTFwd.h>

#include <vector>

namespace squall::rewrite {

// One value that the function returns.
struct returned_value {
    const clang::Expr* value;  // as written, without conversions and parentheses
    bool after_failure;        // stands behind a test that something failed, or in a handler
    bool nothing_there;  // stands behind a test that there is nothing: `if (queue.empty())`, `if (!argument)`
};

// All values returned by return and co_return, those of a conditional expression one by one; not those of
// lambdas and local classes within.
std::vector<returned_value> returned_values(const clang::Stmt& body);

// One throw that leaves the function: it stands in none of its try blocks.
struct thrown_value {
    const clang::CXXThrowExpr* thrown;
    bool after_failure;
};
std::vector<thrown_value> thrown_values(const clang::Stmt& body);

// Whether anything is called or made in it.
bool calls_something(const clang::Stmt& s);

// Whether the condition says that something failed.
bool tests_failure(const clang::Expr* condition);

// errno, which is *__errno_location().
bool reads_errno(const clang::Expr& e);

// Whether the body holds a co_yield, so that its type argument is what it yields.
bool yields(const clang::Stmt& body);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_EVIDENCE_H
