// What a rule needs to know of a call: which function, with which arguments, bound to which parameters.
#ifndef SQUALL_REWRITE_CALLS_H
#define SQUALL_REWRITE_CALLS_H

#include <clang/AST/ASTFwd.h>
#include <llvm/ADT/ArrayRef.h>

#include <optional>
#include <string_view>
#include <vector>

namespace squall::rewrite {

// A call, whether or not it is known yet which function is called.
struct called {
    std::string_view name;
    std::vector<const clang::FunctionDecl*> candidates;  // one if resolved
    bool constructs = false;
    bool resolved = false;
    llvm::ArrayRef<const clang::Expr*> arguments;
};

// Nothing for what is no call to a rule: operators other than (), literals.
std::optional<called> look_at(const clang::Expr& e);

using name_test = bool (*)(std::string_view);

// Whether the parameter's name passes the test in any declaration of the function.
bool parameter_says(const clang::FunctionDecl& function, unsigned index, name_test says);
// The same of all functions that the call may mean.
bool parameter_says(const called& call, unsigned index, name_test says);

// Whether the callee cannot tell a temporary from the argument as it is `written`. One that only looks at it,
// as a timer does, may have a reference to it.
bool takes_temporary(const called& call, unsigned index, const clang::Expr& written, bool looks_only);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_CALLS_H
