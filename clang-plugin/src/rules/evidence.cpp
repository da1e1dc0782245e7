// Collects return values, and recognises tests for failure.
#include "rules/evidence.h"

#include "rules/names.h"
#include "rules/types.h"

#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>

#include <algorithm>

namespace squall::rewrite {
namespace {

// Of a variable, a member or a function that is called; also where a template leaves it open which one.
std::string_view name_in(const clang::Expr& e) {
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&e))
        return name_of(reference->getDecl());
    if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(&e))
        return name_of(member->getMemberDecl());
    if (const auto* member = llvm::dyn_cast<clang::CXXDependentScopeMemberExpr>(&e))
        return name_of(member->getMember());
    if (const auto* lookup = llvm::dyn_cast<clang::OverloadExpr>(&e))
        return name_of(lookup->getName());
    return {};
}

const clang::Expr& bare(const clang::Expr& e) {
    const clang::Expr* inner = e.IgnoreParens()->IgnoreUnlessSpelledInSource();
    if (const auto* await = llvm::dyn_cast<clang::CoawaitExpr>(inner))
        return bare(*await->getOperand());
    if (const auto* await = llvm::dyn_cast<clang::DependentCoawaitExpr>(inner))
        return bare(*await->getOperand());
    return *inner;
}

// What an atomic is asked to load or store is there, in a template too.
bool of_atomic(const clang::Expr& callee) {
    clang::QualType type;
    if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(&callee))
        type = member->getBase()->getType();
    else if (const auto* dependent = llvm::dyn_cast<clang::CXXDependentScopeMemberExpr>(&callee))
        type = dependent->getBaseType();
    if (type.isNull())
        return false;
    if (type->isPointerType())
        type = type->getPointeeType();
    if (const auto* record = type->getAsCXXRecordDecl())
        return name_of(record).find("atomic") != std::string_view::npos;
    const auto* specialisation = type->getAs<clang::TemplateSpecializationType>();
    const auto* named = specialisation ? specialisation->getTemplateName().getAsTemplateDecl() : nullptr;
    return named && name_of(named) == "atomic";
}

// The call of something that can fail.
bool fallible_call(const clang::Expr& e) {
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&bare(e));
    if (!call || llvm::isa<clang::CXXOperatorCallExpr>(call))
        return false;
    if (of_atomic(*call->getCallee()->IgnoreParenImpCasts()))
        return false;
    const std::string_view name = name_in(*call->getCallee()->IgnoreParenImpCasts());
    return says_fallible(name);
}

// A variable that holds what such a call gave, or the call itself.
bool fallible_result(const clang::Expr& e) {
    const clang::Expr& inner = bare(e);
    if (fallible_call(inner))
        return true;
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&inner))
        if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(reference->getDecl()))
            return variable->hasLocalStorage() && variable->getInit() && fallible_call(*variable->getInit());
    return false;
}

bool error_valued(const clang::Expr& e) {
    const clang::Expr& inner = bare(e);
    // errno is *__errno_location().
    if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(&inner);
        unary && unary->getOpcode() == clang::UO_Deref)
        return error_valued(*unary->getSubExpr());
    if (is_error_code(inner.getType()))
        return true;
    if (says_error_variable(name_in(inner)))
        return true;
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&inner)) {
        const std::string_view name = name_in(*call->getCallee()->IgnoreParenImpCasts());
        return name == "__errno_location" || name == "has_error" || name == "fail" || name == "bad";
    }
    return false;
}

// Comparison with an enumerator of an error type: `status != status::ok`.
bool error_enumerator(const clang::Expr& e) {
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&bare(e));
    const auto* constant =
        reference ? llvm::dyn_cast<clang::EnumConstantDecl>(reference->getDecl()) : nullptr;
    if (!constant || says_absence(name_of(constant)))
        return false;
    if (says_plain_failure(name_of(constant)))
        return true;
    const auto* type = llvm::dyn_cast<clang::EnumDecl>(constant->getDeclContext());
    if (says_failure(name_of(constant)) && says_error_type(name_of(type)))
        return true;
    return says_success(name_of(constant)) && says_error_type(name_of(type));
}

// What a result is compared with to see whether it is one: null, false, 0, -1.
bool says_failed(const clang::Expr& e) {
    const clang::Expr* inner = &bare(e);
    if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(inner);
        unary && unary->getOpcode() == clang::UO_Minus)
        inner = &bare(*unary->getSubExpr());
    return llvm::isa<clang::CXXNullPtrLiteralExpr, clang::GNUNullExpr, clang::CXXBoolLiteralExpr,
                     clang::IntegerLiteral>(inner);
}

}  // namespace

bool tests_failure(const clang::Expr* condition) {
    if (!condition)
        return false;
    const clang::Expr& e = *condition->IgnoreParens()->IgnoreUnlessSpelledInSource();
    if (error_valued(e) || fallible_call(e))
        return true;
    if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(&e);
        unary && unary->getOpcode() == clang::UO_LNot)
        return fallible_result(*unary->getSubExpr()) || tests_failure(unary->getSubExpr());
    if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(&e)) {
        if (binary->isLogicalOp())
            return tests_failure(binary->getLHS()) || tests_failure(binary->getRHS());
        if (binary->isComparisonOp() || binary->isAssignmentOp())
            return error_valued(*binary->getLHS()) || error_valued(*binary->getRHS()) ||
                   (fallible_result(*binary->getLHS()) && says_failed(*binary->getRHS())) ||
                   (fallible_result(*binary->getRHS()) && says_failed(*binary->getLHS())) ||
                   error_enumerator(*binary->getLHS()) || error_enumerator(*binary->getRHS());
        return false;
    }
    if (const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(&e)) {
        for (const clang::Expr* argument : call->arguments())
            if (error_valued(*argument) || fallible_result(*argument) || is_stream(argument->getType()))
                return true;
        return false;
    }
    return is_stream(bare(e).getType());
}

namespace {

bool names_absence(const clang::Expr& e) {
    const std::vector<std::string> words = words_of(name_in(e));
    return std::ranges::any_of(words, [](const std::string& word) {
        return word == "empty" || word == "null" || word == "none" || word == "has" || word == "nothing";
    });
}

bool is_pointer_argument(const clang::Expr& e) {
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&e);
    return reference && llvm::isa<clang::ParmVarDecl>(reference->getDecl()) && e.getType()->isPointerType();
}

// Whether the condition says that there is nothing to work on, which is no failure.
bool tests_absence(const clang::Expr* condition) {
    if (!condition)
        return false;
    const clang::Expr& e = bare(*condition);
    if (const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(&e);
        unary && unary->getOpcode() == clang::UO_LNot)
        return tests_absence(unary->getSubExpr()) || is_pointer_argument(bare(*unary->getSubExpr()));
    if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(&e))
        return binary->getOpcode() == clang::BO_EQ &&
               ((is_pointer_argument(bare(*binary->getLHS())) && says_failed(*binary->getRHS())) ||
                (is_pointer_argument(bare(*binary->getRHS())) && says_failed(*binary->getLHS())));
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&e))
        return names_absence(*call->getCallee()->IgnoreParenImpCasts());
    return names_absence(e);
}

class collector {
public:
    explicit collector(std::vector<returned_value>& found, std::vector<thrown_value>* thrown = nullptr)
        : found_(found),
          thrown_(thrown) {}

    void walk(const clang::Stmt* s, bool after_failure, bool nothing_there = false) {
        if (!s || llvm::isa<clang::LambdaExpr>(s))
            return;
        if (const auto* statement = llvm::dyn_cast<clang::ReturnStmt>(s)) {
            add(statement->getRetValue(), after_failure, nothing_there);
            return;
        }
        if (const auto* statement = llvm::dyn_cast<clang::CoreturnStmt>(s)) {
            add(statement->getOperand(), after_failure, nothing_there);
            return;
        }
        if (const auto* thrown = llvm::dyn_cast<clang::CXXThrowExpr>(s)) {
            if (thrown_ && thrown->getSubExpr() && tries_ == 0)
                thrown_->push_back({thrown, after_failure});
            return;
        }
        if (const auto* attempt = llvm::dyn_cast<clang::CXXTryStmt>(s)) {
            ++tries_;
            walk(attempt->getTryBlock(), after_failure, nothing_there);
            --tries_;
            for (unsigned i = 0; i < attempt->getNumHandlers(); ++i)
                walk(attempt->getHandler(i), after_failure, nothing_there);
            return;
        }
        if (const auto* statement = llvm::dyn_cast<clang::IfStmt>(s)) {
            bool tests = tests_failure(statement->getCond());
            if (const auto* variable = statement->getConditionVariable())
                tests = tests || says_error_variable(name_of(variable)) ||
                        is_error_code(variable->getType()) ||
                        (variable->getInit() && fallible_call(*variable->getInit()));
            walk(statement->getThen(), after_failure || tests,
                 nothing_there || tests_absence(statement->getCond()));
            walk(statement->getElse(), after_failure || tests, nothing_there);
            return;
        }
        if (const auto* handler = llvm::dyn_cast<clang::CXXCatchStmt>(s)) {
            walk(handler->getHandlerBlock(), true);
            return;
        }
        for (const clang::Stmt* child : s->children())
            walk(child, after_failure, nothing_there);
    }

private:
    void add(const clang::Expr* value, bool after_failure, bool nothing_there) {
        if (!value)
            return;
        value = value->IgnoreParens()->IgnoreUnlessSpelledInSource()->IgnoreParens();
        if (const auto* choice = llvm::dyn_cast<clang::ConditionalOperator>(value)) {
            const bool tests = tests_failure(choice->getCond());
            add(choice->getTrueExpr(), after_failure || tests,
                nothing_there || tests_absence(choice->getCond()));
            add(choice->getFalseExpr(), after_failure || tests, nothing_there);
            return;
        }
        found_.push_back({value, after_failure, nothing_there});
    }

    std::vector<returned_value>& found_;
    std::vector<thrown_value>* thrown_;
    unsigned tries_ = 0;
};

}  // namespace

std::vector<returned_value> returned_values(const clang::Stmt& body) {
    std::vector<returned_value> found;
    collector(found).walk(&body, false);
    return found;
}

std::vector<thrown_value> thrown_values(const clang::Stmt& body) {
    std::vector<returned_value> returned;
    std::vector<thrown_value> found;
    collector(returned, &found).walk(&body, false);
    return found;
}

bool calls_something(const clang::Stmt& s) {
    if (llvm::isa<clang::CallExpr, clang::CXXConstructExpr, clang::CXXUnresolvedConstructExpr,
                  clang::CXXNewExpr>(s))
        return true;
    return std::ranges::any_of(s.children(),
                               [](const clang::Stmt* child) { return child && calls_something(*child); });
}

bool reads_errno(const clang::Expr& e) {
    const auto* unary = llvm::dyn_cast<clang::UnaryOperator>(e.IgnoreParenImpCasts());
    const auto* call = unary && unary->getOpcode() == clang::UO_Deref
                           ? llvm::dyn_cast<clang::CallExpr>(unary->getSubExpr()->IgnoreParenImpCasts())
                           : nullptr;
    return call && name_of(call->getDirectCallee()) == "__errno_location";
}

bool yields(const clang::Stmt& body) {
    if (llvm::isa<clang::CoyieldExpr>(body))
        return true;
    if (llvm::isa<clang::LambdaExpr>(body))
        return false;
    for (const clang::Stmt* child : body.children())
        if (child && yields(*child))
            return true;
    return false;
}

}  // namespace squall::rewrite
