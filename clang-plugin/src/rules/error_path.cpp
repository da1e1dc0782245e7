// error-path: asks of a campaign that error handling is reached.
//
// Looks for branches behind a test that something failed, handlers, `default` cases and loops that say retry.
// Inserts `::squall::sometimes(site);` after the opening brace or ahead of the statement; a branch without
// braces is left alone and its condition C becomes `::squall::sometimes_if(site, C)`. Nothing else is
// evaluated. A campaign that reaches one never is incomplete, so that each site is a demand; hence
// aggressive.
#include "core/edits.h"
#include "rules/evidence.h"
#include "rules/names.h"
#include "rules/rules.h"
#include "rules/types.h"

#include <clang/AST/Decl.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>

#include <algorithm>
#include <cerrno>
#include <optional>

namespace squall::rewrite {
namespace {

bool says_retry(std::string_view text) {
    const std::vector<std::string> words = words_of(text);
    return std::ranges::any_of(words, [](const std::string& word) {
        return word == "retry" || word == "retries" || word == "attempt" || word == "attempts" ||
               word == "tries";
    });
}

// A name within the heading of a loop.
bool names_retry(const clang::Stmt* s) {
    if (!s)
        return false;
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(s);
        reference && says_retry(name_of(reference->getDecl())))
        return true;
    if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(s);
        member && says_retry(name_of(member->getMemberDecl())))
        return true;
    return std::ranges::any_of(s->children(), [](const clang::Stmt* child) { return names_retry(child); });
}

const clang::Expr& bare(const clang::Expr& e) {
    return *e.IgnoreParens()->IgnoreUnlessSpelledInSource()->IgnoreParens();
}
std::string_view named(const clang::Expr& e) {
    const clang::Expr& inner = bare(e);
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&inner))
        return name_of(reference->getDecl());
    if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(&inner))
        return name_of(member->getMemberDecl());
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&inner))
        return name_of(call->getDirectCallee());
    return {};
}
bool is_call(const clang::Expr& e) {
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&bare(e));
    return (call && !llvm::isa<clang::CXXOperatorCallExpr>(call) && !says_error_variable(named(e))) ||
           is_stream(bare(e).getType());
}
// Zero is success too, where it is an error that is compared: 0, std::errc{}. So is "connecting"
// (EINPROGRESS).
bool names_success(const clang::Expr& e) {
    const clang::Expr& inner = bare(e);
    if (const auto* list = llvm::dyn_cast<clang::InitListExpr>(&inner))
        return list->getNumInits() == 0;
    if (const auto* cast = llvm::dyn_cast<clang::CXXFunctionalCastExpr>(&inner))
        return names_success(*cast->getSubExpr());
    const auto* literal = llvm::dyn_cast<clang::IntegerLiteral>(&inner);
    return says_success(named(inner)) || llvm::isa<clang::CXXScalarValueInitExpr>(inner) ||
           (literal && (literal->getValue() == 0 || literal->getValue() == EINPROGRESS));
}
// -1 and null, which are nobody's success: what differs from them is a result.
bool is_no_result(const clang::Expr& e) {
    const clang::Expr& inner = bare(e);
    const auto* minus = llvm::dyn_cast<clang::UnaryOperator>(&inner);
    return (minus && minus->getOpcode() == clang::UO_Minus) ||
           llvm::isa<clang::CXXNullPtrLiteralExpr, clang::GNUNullExpr>(inner);
}
bool is_number(const clang::Expr& e) {
    return llvm::isa<clang::IntegerLiteral>(bare(e));
}
bool names_failure(const clang::Expr& e) {
    const clang::Expr& inner = bare(e);
    return says_failure(named(inner)) && llvm::isa<clang::DeclRefExpr>(inner) &&
           llvm::isa<clang::EnumConstantDecl>(llvm::cast<clang::DeclRefExpr>(inner).getDecl());
}

// `!connect()` of the C library's, which gives 0 when it went well.
bool gives_zero_for_success(const clang::Expr& e) {
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&bare(e));
    const auto* callee = call ? call->getDirectCallee() : nullptr;
    return callee && callee->isExternC() && call->getType()->isSpecificBuiltinType(clang::BuiltinType::Int);
}

// `if (ok)`, `if (!ec)`, `if (s == status::ok)`, `if (fd != -1)`, `if (n > 0)`: a test of failure that finds
// none.
bool says_fine(const clang::Expr* condition) {
    const clang::Expr& e = bare(*condition);
    if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(&e);
        unary && unary->getOpcode() == clang::UO_LNot)
        return gives_zero_for_success(*unary->getSubExpr()) ||
               (tests_failure(unary->getSubExpr()) && !is_call(*unary->getSubExpr()));
    if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(&e)) {
        if (binary->getOpcode() == clang::BO_LAnd)
            return says_fine(binary->getLHS()) || says_fine(binary->getRHS());
        // `rc == 0 || errno != EAGAIN`: the branch is for success too.
        if (binary->getOpcode() == clang::BO_LOr) {
            const auto fine = [](const clang::Expr* side) {
                const bool says =
                    llvm::isa<clang::BinaryOperator>(bare(*side)) ||
                    (llvm::isa<clang::CallExpr>(bare(*side)) && side->getType()->isBooleanType());
                return says && tests_failure(side) && says_fine(side);
            };
            return fine(binary->getLHS()) || fine(binary->getRHS());
        }
        if (binary->getOpcode() == clang::BO_GT || binary->getOpcode() == clang::BO_GE)
            return is_number(*binary->getRHS()) && !says_error_variable(named(*binary->getLHS()));
        if (binary->getOpcode() == clang::BO_LT || binary->getOpcode() == clang::BO_LE)
            return is_number(*binary->getLHS()) && !says_error_variable(named(*binary->getRHS()));
        const clang::Expr& left = *binary->getLHS();
        const clang::Expr& right = *binary->getRHS();
        // `error != nullptr` is the other way round than `result != nullptr`.
        const bool of_error = says_error_variable(named(left)) || says_error_variable(named(right));
        const bool success = names_success(left) || names_success(right) ||
                             (of_error && (is_no_result(left) || is_no_result(right)));
        const bool failure = names_failure(left) || names_failure(right) ||
                             (!of_error && (is_no_result(left) || is_no_result(right)));
        return binary->getOpcode() == clang::BO_EQ   ? success
               : binary->getOpcode() == clang::BO_NE ? failure
                                                     : false;
    }
    // if (file) of a stream, if (connect()) of what gives true
    return !is_error_code(e.getType()) && !says_error_variable(named(e));
}

// Throws, returns a failure, or calls what says so, whatever else holds: a default that does none of it is a
// case as others, though it may check something on its way, by a macro too.
bool gives_up(const clang::Stmt& s) {
    if (llvm::isa<clang::IfStmt, clang::ForStmt, clang::WhileStmt, clang::DoStmt, clang::SwitchStmt,
                  clang::ConditionalOperator, clang::LambdaExpr>(s))
        return false;
    if (llvm::isa<clang::CXXThrowExpr>(s))
        return true;
    if (const auto* statement = llvm::dyn_cast<clang::ReturnStmt>(&s);
        statement && statement->getRetValue()) {
        const clang::Expr& value = bare(*statement->getRetValue());
        if (const auto* literal = llvm::dyn_cast<clang::CXXBoolLiteralExpr>(&value))
            return !literal->getValue();
        if (const auto* minus = llvm::dyn_cast<clang::UnaryOperator>(&value))
            return minus->getOpcode() == clang::UO_Minus;
        if (llvm::isa<clang::CXXNullPtrLiteralExpr, clang::GNUNullExpr>(value))
            return true;
        return says_failure(named(value));
    }
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&s)) {
        const std::vector<std::string> words = words_of(named(*call));
        if (std::ranges::any_of(words, [](const std::string& word) {
                return word == "error" || word == "fail" || word == "fatal" || word == "abort" ||
                       word == "unreachable" || word == "throw" || word == "panic";
            }))
            return true;
    }
    return std::ranges::any_of(s.children(),
                               [](const clang::Stmt* child) { return child && gives_up(*child); });
}

// What to call it, or nothing if it is no error path.
std::optional<std::string> kind_of(const branch_view& b, const edits& edit) {
    switch (b.what) {
        case branch_view::kind::then_branch: {
            const auto& statement = llvm::cast<clang::IfStmt>(b.statement);
            const auto* variable = statement.getConditionVariable();
            const bool tests =
                tests_failure(statement.getCond()) || (variable && says_error_variable(name_of(variable)));
            if (!tests || says_fine(statement.getCond()))
                return std::nullopt;
            std::string heading = edit.written({statement.getLParenLoc(), statement.getRParenLoc()});
            // SSL_ERROR_WANT_READ, which is a macro, says "not yet".
            if (heading.find("_WANT_") != std::string::npos && heading.find("!=") == std::string::npos)
                return std::nullopt;
            return "if " + heading;
        }
        case branch_view::kind::else_branch:
        case branch_view::kind::loop_body: {
            const clang::Stmt* heading = nullptr;
            if (const auto* loop = llvm::dyn_cast<clang::WhileStmt>(&b.statement))
                heading = loop->getCond();
            else if (const auto* loop = llvm::dyn_cast<clang::ForStmt>(&b.statement))
                heading = loop->getCond();
            else if (const auto* loop = llvm::dyn_cast<clang::DoStmt>(&b.statement))
                heading = loop->getCond();
            if (b.what == branch_view::kind::loop_body && names_retry(heading))
                return "retry loop";
            return std::nullopt;
        }
        case branch_view::kind::handler: {
            const auto& handler = llvm::cast<clang::CXXCatchStmt>(b.statement);
            return "catch " + (handler.getExceptionDecl()
                                   ? edit.written(handler.getExceptionDecl()->getSourceRange())
                                   : std::string("..."));
        }
        case branch_view::kind::case_body:
            if (llvm::isa<clang::DefaultStmt>(b.statement) && gives_up(b.body))
                return "default";
            return std::nullopt;
    }
    return std::nullopt;
}

class error_path_rule : public rule {
public:
    explicit error_path_rule(const rule_info& info) : info_(info) {}

    void branch(const branch_view& b, context& at) override {
        const auto kind = kind_of(b, at.edit);
        if (!kind)
            return;
        const clang::Stmt* body = &b.body;
        if (const auto* attributed = llvm::dyn_cast<clang::AttributedStmt>(body))
            body = attributed->getSubStmt();
        const edits::words about{*kind, *kind, "that is where something failed"};
        if (const auto* block = llvm::dyn_cast<clang::CompoundStmt>(body))
            at.edit.enter(info_, *block, about, mark);
        else if (b.what == branch_view::kind::case_body)
            at.edit.before(info_, *body, about, mark + std::string(" "));
        else if (b.condition)
            at.edit.extend(info_, *b.condition, about, "::squall::sometimes_if(::@.head, ", ")");
        else
            at.edit.skip(info_, body->getBeginLoc(), "no braces and no condition to extend");
    }

private:
    static constexpr const char* mark = " ::squall::sometimes(::@.head);";
    const rule_info& info_;
};

}  // namespace

std::unique_ptr<rule> make_error_path_rule(const rule_info& info) {
    return std::make_unique<error_path_rule>(info);
}

}  // namespace squall::rewrite
