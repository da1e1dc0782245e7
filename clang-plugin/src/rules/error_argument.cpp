// Finds what a body does to its error_code& parameter.
#include "rules/error_argument.h"

#include "rules/evidence.h"
#include "rules/failure_values.h"
#include "rules/names.h"
#include "rules/types.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>

namespace squall::rewrite {
namespace {

bool refers_to(const clang::Expr* e, const clang::ParmVarDecl& parameter) {
    const auto* reference = e ? llvm::dyn_cast<clang::DeclRefExpr>(e->IgnoreParenImpCasts()) : nullptr;
    return reference && reference->getDecl() == &parameter;
}

// X of `ec = X`, also where a template leaves open which operator that is.
const clang::Expr* assigned(const clang::Stmt& s, const clang::ParmVarDecl& parameter) {
    if (const auto* whole = llvm::dyn_cast<clang::ExprWithCleanups>(&s))
        return assigned(*whole->getSubExpr(), parameter);
    if (const auto* call = llvm::dyn_cast<clang::CXXOperatorCallExpr>(&s))
        return call->getOperator() == clang::OO_Equal && refers_to(call->getArg(0), parameter)
                   ? call->getArg(1)
                   : nullptr;
    const auto* operation = llvm::dyn_cast<clang::BinaryOperator>(&s);
    return operation && operation->getOpcode() == clang::BO_Assign &&
                   refers_to(operation->getLHS(), parameter)
               ? operation->getRHS()
               : nullptr;
}

// ec.assign(n, category).
bool assigns_number(const clang::Stmt& s, const clang::ParmVarDecl& parameter) {
    const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(&s);
    return call && call->getNumArgs() == 2 && refers_to(call->getImplicitObjectArgument(), parameter) &&
           call->getMethodDecl() && name_of(call->getMethodDecl()) == "assign";
}

// socket.close(ec), where the callee can write to it.
bool handed_over(const clang::Stmt& s, const clang::ParmVarDecl& parameter) {
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&s);
    if (!call || llvm::isa<clang::CXXOperatorCallExpr>(call))
        return false;
    const clang::FunctionDecl* callee = call->getDirectCallee();
    for (unsigned i = 0; i < call->getNumArgs(); ++i) {
        if (!refers_to(call->getArg(i), parameter))
            continue;
        if (!callee)
            return call->getCallee()->isTypeDependent() || call->isTypeDependent();
        if (i >= callee->getNumParams())
            return false;
        const clang::QualType type = callee->getParamDecl(i)->getType();
        return type->isLValueReferenceType() && is_error_code(type) &&
               !type.getNonReferenceType().isConstQualified();
    }
    return false;
}

// A handler is told of an error. Leaving it early would lose a completion, and nobody looks at its argument.
bool says_handler(std::string_view function) {
    for (const std::string& word : words_of(function))
        if (word == "on" || word == "handle" || word == "handler" || word == "callback" ||
            word == "completed")
            return true;
    return false;
}

struct search {
    const clang::ParmVarDecl& parameter;
    const clang::ASTContext& ast;
    bool handler;  // what it hands on is what it was told
    error_code_evidence errors;
    std::string value;  // the first constant that is returned along with an error

    void walk(const clang::Stmt& s) {
        if (llvm::isa<clang::LambdaExpr>(s))
            return;
        if (const clang::Expr* error = assigned(s, parameter)) {
            errors.offer(*error, true);
        } else if (assigns_number(s, parameter) || (!handler && handed_over(s, parameter))) {
            errors.set_by_operation();
        }
        bool failed = false;
        for (const clang::Stmt* child : s.children()) {
            if (!child)
                continue;
            if (llvm::isa<clang::CompoundStmt>(s))
                look_for_value(*child, failed);
            walk(*child);
        }
    }

    // `ec = errc::x; return 0;`
    void look_for_value(const clang::Stmt& s, bool& failed) {
        if (const clang::Expr* error = assigned(s, parameter)) {
            error_code_evidence one;
            one.offer(*error, true);
            failed = !one.text(parameter.getType(), false).empty();
        } else if (assigns_number(s, parameter)) {
            failed = true;
        } else if (failed) {
            const clang::Expr* returned = nullptr;
            if (const auto* statement = llvm::dyn_cast<clang::ReturnStmt>(&s))
                returned = statement->getRetValue();
            if (const auto* statement = llvm::dyn_cast<clang::CoreturnStmt>(&s))
                returned = statement->getOperand();
            if (returned && value.empty())
                value = constant_text(*returned, ast);
        }
    }
};

}  // namespace

error_argument error_argument_of(const function_view& f, bool asked) {
    for (const clang::ParmVarDecl* parameter : f.declaration.parameters()) {
        const clang::QualType type = parameter->getType();
        if (!type->isLValueReferenceType() || type.getNonReferenceType().isConstQualified() ||
            !is_error_code(type) || name_of(parameter).empty())
            continue;
        search found{
            *parameter, f.declaration.getASTContext(), says_handler(name_of(&f.declaration)), {}, {}};
        found.walk(f.body);
        const std::string error = found.errors.text(type, asked);
        if (error.empty())
            return {};
        // Or what is returned behind the test of an error.
        for (const returned_value& each : returned_values(f.body))
            if (found.value.empty() && each.after_failure)
                found.value = constant_text(*each.value, found.ast);
        return {std::string(name_of(parameter)) + " = " + error + "; ", found.value};
    }
    return {};
}

}  // namespace squall::rewrite
