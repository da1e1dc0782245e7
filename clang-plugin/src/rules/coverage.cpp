// coverage: marks function entries and branches as reached.
//
// Looks for every function body and every branch: then, else, loop body, handler, and a case that is a block.
// Inserts
// `::squall::reached(counter);` after the opening brace; a branch without braces is left alone and its
// condition C becomes
// `::squall::taken(counter, C)`. Safe because nothing else is evaluated and the marks are no-ops in constant
// expressions.
#include "core/edits.h"
#include "rules/rules.h"

#include <clang/AST/Decl.h>
#include <clang/AST/Stmt.h>
#include <clang/AST/StmtCXX.h>

namespace squall::rewrite {
namespace {

const char* to_string(branch_view::kind what) {
    switch (what) {
        case branch_view::kind::then_branch:
            return "then";
        case branch_view::kind::else_branch:
            return "else";
        case branch_view::kind::loop_body:
            return "loop";
        case branch_view::kind::handler:
            return "catch";
        case branch_view::kind::case_body:
            return "case";
    }
    return "";
}

class coverage_rule : public rule {
public:
    explicit coverage_rule(const rule_info& info) : info_(info) {}

    void function(const function_view& f, context& at) override {
        at.edit.enter(info_, f.body, {"", "function", why}, mark);
    }

    void branch(const branch_view& b, context& at) override {
        const clang::Stmt* body = &b.body;
        if (const auto* attributed = llvm::dyn_cast<clang::AttributedStmt>(body))
            body = attributed->getSubStmt();
        const std::string what = to_string(b.what);
        const edits::words about{what + ':' + heading(b, at.edit), what, why};
        if (const auto* block = llvm::dyn_cast<clang::CompoundStmt>(body)) {
            at.edit.enter(info_, *block, about, mark);
        } else if (b.what == branch_view::kind::case_body) {
            return;  // never between two labels
        } else if (b.condition) {
            at.edit.extend(info_, *b.condition, about, "::squall::taken(::@, ", ")");
        } else {
            at.edit.skip(info_, body->getBeginLoc(), "no braces and no condition to extend");
        }
    }

private:
    // What tells the branch from others of its function.
    static std::string heading(const branch_view& b, const edits& edit) {
        if (const auto* statement = llvm::dyn_cast<clang::IfStmt>(&b.statement))
            return edit.written({statement->getLParenLoc(), statement->getRParenLoc()});
        if (const auto* loop = llvm::dyn_cast<clang::WhileStmt>(&b.statement))
            return edit.written({loop->getLParenLoc(), loop->getRParenLoc()});
        if (const auto* loop = llvm::dyn_cast<clang::ForStmt>(&b.statement))
            return edit.written({loop->getLParenLoc(), loop->getRParenLoc()});
        if (const auto* loop = llvm::dyn_cast<clang::CXXForRangeStmt>(&b.statement))
            return edit.written(loop->getRangeInit()->getSourceRange());
        if (const auto* handler = llvm::dyn_cast<clang::CXXCatchStmt>(&b.statement))
            return handler->getExceptionDecl() ? edit.written(handler->getExceptionDecl()->getSourceRange())
                                               : "...";
        if (const auto* label = llvm::dyn_cast<clang::CaseStmt>(&b.statement))
            return edit.written(label->getLHS()->getSourceRange());
        return "";
    }

    static constexpr const char* why = "every function and branch has one";
    static constexpr const char* mark = " ::squall::reached(::@);";
    const rule_info& info_;
};

}  // namespace

std::unique_ptr<rule> make_coverage_rule(const rule_info& info) {
    return std::make_unique<coverage_rule>(info);
}

}  // namespace squall::rewrite
