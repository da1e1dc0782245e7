// answer-lost: returns the failure although the work is done.
//
// Looks for `return S;` at the end of a function that has a failure V (function_failure.h) and a name that
// says that it leaves something behind, where S is a plain success (true, 0, an enumerator or a call that
// says ok) and something was called before. Makes it `return ::squall::fire(site) ? V : S;`. Callers meet
// what a lost reply makes of every remote call; a program whose functions have no effect when they fail need
// not be ready for it, hence aggressive. Where the success brings a value that stands ready in a variable, as
// an optional's does, `if (::squall::fire(site)) { return V; }` goes ahead of the return instead.
#include "core/annotations.h"
#include "core/edits.h"
#include "rules/function_failure.h"
#include "rules/names.h"
#include "rules/rules.h"
#include "rules/types.h"

#include <clang/AST/ExprCXX.h>
#include <clang/AST/Stmt.h>
#include <clang/AST/StmtCXX.h>

namespace squall::rewrite {
namespace {

// A success that costs nothing to say.
bool plain_success(const clang::Expr& value, const function_failure& failure) {
    const clang::Expr& e = *value.IgnoreParens()->IgnoreUnlessSpelledInSource()->IgnoreParens();
    if (const auto* literal = llvm::dyn_cast<clang::CXXBoolLiteralExpr>(&e))
        return literal->getValue() && failure.value == "false";
    if (const auto* literal = llvm::dyn_cast<clang::IntegerLiteral>(&e))
        return literal->getValue() == 0 && failure.value.starts_with("-");
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&e))
        return llvm::isa<clang::EnumConstantDecl>(reference->getDecl()) &&
               says_success(name_of(reference->getDecl())) &&
               e.getType().getCanonicalType().getUnqualifiedType() ==
                   failure.type.getCanonicalType().getUnqualifiedType();
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&e);
    return call && call->getNumArgs() == 0 && call->getDirectCallee() &&
           says_success(name_of(call->getDirectCallee())) &&
           e.getType().getCanonicalType().getUnqualifiedType() ==
               failure.type.getCanonicalType().getUnqualifiedType();
}

// A local variable's value, moved or not: nothing is left undone where another is returned.
bool stands_ready(const clang::Expr& value) {
    const clang::Expr& e = *value.IgnoreUnlessSpelledInSource()->IgnoreParens();
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&e)) {
        const auto* variable = llvm::dyn_cast<clang::VarDecl>(reference->getDecl());
        return variable && variable->isLocalVarDeclOrParm();
    }
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&e);
    return call && call->getNumArgs() == 1 && call->getDirectCallee() &&
           call->getDirectCallee()->isInStdNamespace() && name_of(call->getDirectCallee()) == "move" &&
           stands_ready(*call->getArg(0));
}

// Whether success brings something with it. A bool or an error in a variable may be no success at all.
bool brings_value(const function_failure& failure) {
    return failure.value == "nullptr" || failure.value.ends_with("nullopt") ||
           failure.value.ends_with("::none") || failure.value.find("unexpected") != std::string::npos ||
           failure.value.starts_with("::squall::failure<");
}

// A statement that calls something: what is only worked out is lost without harm.
bool works(const clang::Stmt& s) {
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&s);
        call && !llvm::isa<clang::CXXOperatorCallExpr>(s))
        return true;
    if (llvm::isa<clang::LambdaExpr>(s))
        return false;
    for (const clang::Stmt* child : s.children())
        if (child && works(*child))
            return true;
    return false;
}

class answer_lost_rule : public rule {
public:
    explicit answer_lost_rule(const rule_info& info) : info_(info) {}

    void function(const function_view& f, context& at) override {
        const auto* last = f.body.body_empty() ? nullptr : f.body.body_back();
        const clang::Expr* value = nullptr;
        if (const auto* statement = llvm::dyn_cast_or_null<clang::ReturnStmt>(last))
            value = statement->getRetValue();
        else if (const auto* statement = llvm::dyn_cast_or_null<clang::CoreturnStmt>(last))
            value = statement->getOperand();
        if (!value || f.deduced || f.body.size() < 2)
            return;
        // Where nothing is left behind, a lost answer is no other than a failure.
        if (!says_effect(name_of(&f.declaration)) && !annotation_of(f.declaration, annotations::fallible))
            return;
        const function_failure failure = failure_of(f, at);
        if (failure.refusal || failure.value.empty())
            return;
        const bool ready = brings_value(failure) && stands_ready(*value);
        if (!ready && !plain_success(*value, failure))
            return;
        bool worked = false;
        for (const clang::Stmt* each : f.body.body())
            worked = worked || (each != last && works(*each));
        if (!worked)
            return;
        if (ready) {
            const std::string leave = (f.coroutine ? "co_return " : "return ") + failure.value;
            at.edit.before(info_, *last, {"return", leave, failure.because + "; it has done its work here"},
                           "if (::squall::fire(::@.head)) { " + failure.set + leave + "; } ");
            return;
        }
        if (!failure.set.empty() && !failure.set.starts_with("::squall::set_errno")) {
            at.edit.skip(info_, value->getBeginLoc(), "the failure is more than a value");
            return;
        }
        const std::string set = failure.set.empty() ? "" : "::squall::set_errno(5), ";
        const clang::Expr& written = *value->IgnoreUnlessSpelledInSource();
        at.edit.wrap(info_, written,
                     {"return", "return " + failure.value, failure.because + "; it has done its work here"},
                     "::squall::fire(::@.head) ? (" + set + failure.value + ") : (", ")");
    }

private:
    const rule_info& info_;
};

}  // namespace

std::unique_ptr<rule> make_answer_lost_rule(const rule_info& info) {
    return std::make_unique<answer_lost_rule>(info);
}

}  // namespace squall::rewrite
