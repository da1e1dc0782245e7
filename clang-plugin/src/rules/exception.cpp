// exception: throws at the start of a function what it throws itself when something fails.
//
// Looks for `throw T(...)` that leaves the function, behind a test that something failed or in a function
// whose name says that it has outside reasons to fail, where T is no std::logic_error, which stands for a
// mistake of the caller's. Inserts `if (::squall::fire(site)) { throw T(...); }` with those arguments that
// are constants; texts become "injected by squall". Safe because callers meet no exception that they could
// not meet before, and nothing has happened yet.
#include "core/edits.h"
#include "rules/evidence.h"
#include "rules/names.h"
#include "rules/rules.h"
#include "rules/status_class.h"
#include "rules/types.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/ExprCXX.h>

namespace squall::rewrite {
namespace {

bool derives_from(const clang::CXXRecordDecl& record, std::string_view name) {
    if (class_name(record.getASTContext().getTypeDeclType(&record)) == name)
        return true;
    for (const auto& parent : record.bases())
        if (const auto* base = parent.getType()->getAsCXXRecordDecl();
            base && base->hasDefinition() && derives_from(*base, name))
            return true;
    return false;
}

// What a caller did wrong, and arithmetic that came out of range: nothing from outside.
bool of_misuse(const clang::CXXRecordDecl& record) {
    return derives_from(record, "std::logic_error") || derives_from(record, "std::overflow_error") ||
           derives_from(record, "std::underflow_error") || derives_from(record, "std::range_error");
}

// It may not throw at all, or nobody could catch it.
bool must_not_throw(const clang::FunctionDecl& f, const clang::ASTContext& ast) {
    if (llvm::isa<clang::CXXDestructorDecl>(f) || f.isMain() || !ast.getLangOpts().CXXExceptions)
        return true;
    const auto* type = f.getType()->getAs<clang::FunctionProtoType>();
    return type && type->isNothrow();
}

class exception_rule : public rule {
public:
    explicit exception_rule(const rule_info& info) : info_(info) {}

    void function(const function_view& f, context& at) override {
        if (must_not_throw(f.declaration, at.ast))
            return;
        const std::string_view name = name_of(&f.declaration);
        const char* reason = nullptr;
        for (const thrown_value& each : thrown_values(f.body)) {
            const clang::Expr& value = *each.thrown->getSubExpr();
            const auto* record = value.isTypeDependent() ? nullptr : value.getType()->getAsCXXRecordDecl();
            if (!record || !record->hasDefinition() || of_misuse(*record) || says_misuse(name_of(record)) ||
                (!each.after_failure && !says_fallible(name)))
                continue;
            const std::string text = made_again(value, f.declaration);
            if (text.empty()) {
                reason = "its exceptions cannot be made at the start";
                continue;
            }
            at.edit.enter(
                info_, f.body,
                {"", "throw " + text,
                 each.after_failure ? "its body throws that behind a test that something failed"
                                    : "its body throws that, and its name says that it has reasons to fail"},
                " if (::squall::fire(::@.head)) { throw " + text + "; }");
            return;
        }
        if (reason)
            at.edit.skip(info_, f.body.getLBracLoc(), reason);
    }

private:
    const rule_info& info_;
};

}  // namespace

std::unique_ptr<rule> make_exception_rule(const rule_info& info) {
    return std::make_unique<exception_rule>(info);
}

}  // namespace squall::rewrite
