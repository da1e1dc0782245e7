// delay and interleaving: stand still for a while.
//
// delay looks for awaited calls, `co_await E`, which become `co_await (..., E)` with `::squall::delay(site)`
// ahead of E, and for functions and statements that are annotated [[squall::delay]], which get it as a
// statement. interleaving does the same to the mutex that a lock is made of and to calls of mutexes' and
// atomics' members, so that threads come in other orders. Safe because every program may be interrupted
// there.
#include "core/annotations.h"
#include "core/edits.h"
#include "rules/calls.h"
#include "rules/rules.h"
#include "rules/types.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/ExprCXX.h>

#include <algorithm>
#include <array>

namespace squall::rewrite {
namespace {

constexpr const char* ahead = "(static_cast<void>(::squall::delay(::@.head)), ";
constexpr const char* statement = "::squall::delay(::@.head); ";

class delay_rule : public rule {
public:
    explicit delay_rule(const rule_info& info) : info_(info) {}

    void await(const await_view& a, context& at) override {
        // Not what is no operation, as asio::this_coro::executor.
        if (!llvm::isa<clang::CallExpr>(a.operand) || llvm::isa<clang::CXXOperatorCallExpr>(a.operand))
            return;
        const auto call = look_at(a.operand);
        if (!call || call->name == "move" || call->name == "forward")
            return;
        const std::string text = at.edit.written(a.operand.getSourceRange());
        at.edit.wrap(info_, a.operand, {text, "co_await " + text, "an operation is awaited here"}, ahead,
                     ")");
    }

    void function(const function_view& f, context& at) override {
        if (annotation_of(f.declaration, annotations::delay))
            at.edit.enter(info_, f.body, {"", "function", "it is annotated"}, std::string(" ") + statement);
    }

    void annotated(const clang::Stmt& s, const statement_note& note, context& at) override {
        if (note.delay)
            at.edit.before(info_, s, {at.edit.written(s.getSourceRange()), "statement", "it is annotated"},
                           statement);
    }
    void annotated_elsewhere(const clang::Stmt& s, const statement_note& note, context& at) override {
        if (note.delay)
            at.edit.skip(info_, s.getBeginLoc(), "annotated statement stands in no block");
    }

private:
    const rule_info& info_;
};

class interleaving_rule : public rule {
public:
    explicit interleaving_rule(const rule_info& info) : info_(info) {}

    void call(const clang::Expr& e, context& at) override {
        if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(&e))
            return lock(*made, at);
        const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(&e);
        const auto* method = call ? call->getMethodDecl() : nullptr;
        if (!method || !(is_atomic(*method) || is_mutex(*method)))
            return;
        const std::string text = at.edit.written(call->getCallee()->getSourceRange());
        at.edit.wrap(info_, e, {text, text, "threads meet here"}, ahead, ")");
    }

private:
    void lock(const clang::CXXConstructExpr& made, context& at) {
        const std::string name = class_name(made.getType());
        if (name != "std::lock_guard" && name != "std::unique_lock" && name != "std::scoped_lock" &&
            name != "std::shared_lock")
            return;
        // A lock that is moved, and one that is not to be taken yet, waits for nobody.
        if (made.getNumArgs() == 0 || made.getConstructor()->isCopyOrMoveConstructor())
            return;
        for (const clang::Expr* each : made.arguments())
            if (const std::string tag = class_name(each->getType());
                tag == "std::adopt_lock_t" || tag == "std::defer_lock_t")
                return;
        const clang::Expr& first = *made.getArg(0)->IgnoreUnlessSpelledInSource();
        if (!first.isLValue())
            return;
        const std::string text = at.edit.written(first.getSourceRange());
        at.edit.wrap(info_, first, {text, text, "threads meet at this lock"}, ahead, ")");
    }

    static std::string class_of(const clang::CXXMethodDecl& method) {
        return class_name(method.getASTContext().getTypeDeclType(method.getParent()));
    }
    static bool is_atomic(const clang::CXXMethodDecl& method) {
        const std::string name = class_of(method);
        return (name == "std::atomic" || name == "std::__atomic_base" || name == "std::__atomic_float") &&
               !name_of(&method).empty();
    }
    static bool is_mutex(const clang::CXXMethodDecl& method) {
        static constexpr std::array<std::string_view, 4> taking{"lock", "try_lock", "lock_shared",
                                                                "try_lock_shared"};
        const std::string name = class_of(method);
        // A weak_ptr's lock() waits for nobody.
        return name.starts_with("std::") && name != "std::weak_ptr" &&
               std::ranges::find(taking, name_of(&method)) != taking.end();
    }

    const rule_info& info_;
};

}  // namespace

std::unique_ptr<rule> make_delay_rule(const rule_info& info) {
    return std::make_unique<delay_rule>(info);
}
std::unique_ptr<rule> make_interleaving_rule(const rule_info& info) {
    return std::make_unique<interleaving_rule>(info);
}

}  // namespace squall::rewrite
