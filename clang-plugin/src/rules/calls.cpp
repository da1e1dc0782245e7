// Resolves calls as far as the syntax tree does.
#include "rules/calls.h"

#include "rules/types.h"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>

#include <algorithm>

namespace squall::rewrite {

std::optional<called> look_at(const clang::Expr& e) {
    called found;
    if (const auto* construction = llvm::dyn_cast<clang::CXXConstructExpr>(&e)) {
        found.constructs = found.resolved = true;
        found.name = name_of(construction->getConstructor()->getParent()->getDeclName());
        found.candidates = {construction->getConstructor()};
        found.arguments = {construction->getArgs(), construction->getNumArgs()};
        return found;
    }
    const auto* call = llvm::dyn_cast<clang::CallExpr>(&e);
    if (!call || llvm::isa<clang::UserDefinedLiteral>(call))
        return std::nullopt;
    found.arguments = {call->getArgs(), call->getNumArgs()};
    if (const auto* on_object = llvm::dyn_cast<clang::CXXOperatorCallExpr>(call)) {
        // The first argument of f(x), where f is an object, is f.
        if (on_object->getOperator() != clang::OO_Call)
            return std::nullopt;
        if (!found.arguments.empty())
            found.arguments = found.arguments.drop_front();
    }
    if (const auto* callee = call->getDirectCallee()) {
        found.resolved = true;
        found.name = name_of(callee->getDeclName());
        found.candidates = {callee};
        return found;
    }
    const clang::Expr* callee = call->getCallee()->IgnoreParenImpCasts();
    if (const auto* member = llvm::dyn_cast<clang::CXXDependentScopeMemberExpr>(callee)) {
        found.name = name_of(member->getMember());
        return found;
    }
    if (const auto* overloads = llvm::dyn_cast<clang::OverloadExpr>(callee)) {
        found.name = name_of(overloads->getName());
        for (const clang::NamedDecl* each : overloads->decls())
            if (const auto* function = each->getUnderlyingDecl()->getAsFunction())
                found.candidates.push_back(function);
        return found;
    }
    return std::nullopt;
}

bool parameter_says(const clang::FunctionDecl& function, unsigned index, name_test says) {
    for (const clang::FunctionDecl* declared : function.redecls())
        if (index < declared->getNumParams() && says(name_of(declared->getParamDecl(index)->getDeclName())))
            return true;
    const clang::FunctionDecl* pattern = function.getTemplateInstantiationPattern();
    return pattern && parameter_says(*pattern, index, says);
}

bool parameter_says(const called& call, unsigned index, name_test says) {
    auto has = [&](const clang::FunctionDecl* each) { return index < each->getNumParams(); };
    return std::ranges::any_of(call.candidates, has) &&
           std::ranges::all_of(call.candidates, [&](const clang::FunctionDecl* each) {
               return !has(each) || parameter_says(*each, index, says);
           });
}

bool takes_temporary(const called& call, unsigned index, const clang::Expr& written, bool looks_only) {
    if (!call.resolved || call.candidates.size() != 1)
        return written.isPRValue() || looks_only;
    const clang::FunctionDecl& callee = *call.candidates.front();
    if (index >= callee.getNumParams())
        return false;
    const clang::QualType type = callee.getParamDecl(index)->getType();
    if (!type->isReferenceType())
        return true;
    if (!type->isLValueReferenceType() || !type.getNonReferenceType().isConstQualified())
        return false;
    // A prvalue, or a conversion to another type, is a temporary already.
    return looks_only || written.isPRValue() ||
           llvm::isa<clang::MaterializeTemporaryExpr>(call.arguments[index]);
}

}  // namespace squall::rewrite
