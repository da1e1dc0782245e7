// The failures that a body names, as text that means the same at the start of the function.
#ifndef SQUALL_REWRITE_FAILURE_VALUES_H
#define SQUALL_REWRITE_FAILURE_VALUES_H

#include <clang/AST/ASTFwd.h>
#include <clang/AST/Type.h>

#include <string>

namespace squall::rewrite {

// make_error_code(io_error), of std or of Boost as the type is.
const char* io_error_of(clang::QualType error_code);

// The enumerator, if the expression is one by name.
const clang::EnumConstantDecl* enumerator_of(const clang::Expr& e);

// An error that the body names: the first enumerator that says failure, else the first that does not say
// otherwise.
class best_enumerator {
public:
    void offer(const clang::EnumConstantDecl* enumerator, bool any_will_do);
    const clang::EnumConstantDecl* get() const { return best_; }

private:
    const clang::EnumConstantDecl* best_ = nullptr;
    bool says_failure_ = false;
};

// What is returned as an error_code, or assigned to one.
class error_code_evidence {
public:
    // A value that is handed through counts if it is not the only one: `beside_others`.
    void offer(const clang::Expr& value, bool beside_others);
    // An operation was handed the error_code to set it.
    void set_by_operation() { fails_ = true; }
    // The error, or nothing if none was offered and it is not `asked` for.
    std::string text(clang::QualType error_code, bool asked) const;

private:
    best_enumerator direct_;
    best_enumerator made_;
    bool fails_ = false;
};

// The expression as text if it is a constant that needs no name of the function's: a literal, an enumerator,
// {} or T(). Empty otherwise.
std::string constant_text(const clang::Expr& e, const clang::ASTContext& ast);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_FAILURE_VALUES_H
