// Evidence for an integer to be a time to wait. A name must say both that it limits or spaces something and
// in which unit; a name without a unit could be anything that somebody calls an interval.
#include "rules/time_counts.h"

#include "rules/integers.h"
#include "rules/names.h"
#include "rules/types.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/ExprCXX.h>

#include <optional>

namespace squall::rewrite {
namespace {

// 0, -1 and the largest number are no times: at once, never, not set.
bool is_special(const llvm::APSInt& value) {
    return !value.isStrictlyPositive() || value.isMaxValue() || value.isMaxSignedValue();
}

// The variable, the member or the getter that is passed.
const clang::NamedDecl* named(const clang::Expr& e) {
    const clang::Expr& inner = *e.IgnoreParens()->IgnoreUnlessSpelledInSource();
    if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&inner))
        return reference->getDecl();
    if (const auto* member = llvm::dyn_cast<clang::MemberExpr>(&inner))
        return member->getMemberDecl();
    if (const auto* call = llvm::dyn_cast<clang::CXXMemberCallExpr>(&inner))
        return call->getNumArgs() == 0 ? call->getMethodDecl() : nullptr;
    return nullptr;
}

bool may_be_point_in_time(std::string_view name) {
    for (const std::string& word : words_of(name))
        if (word == "deadline")
            return true;
    return false;
}

// A static or constant variable gets its value where no site is evaluated; it is the uses that count.
bool set_at_run_time(const clang::VarDecl& variable) {
    return variable.hasLocalStorage() && !variable.isConstexpr() && !variable.getType().isConstQualified();
}

// A local variable that has a site where it was given its value.
bool changed_already(const clang::NamedDecl& source, const clang::ASTContext& ast) {
    const auto* variable = llvm::dyn_cast<clang::VarDecl>(&source);
    return variable && !llvm::isa<clang::ParmVarDecl>(variable) && variable->getInit() &&
           time_count_of(*variable, *variable->getInit(), ast).found;
}

// A parameter whose own function says that it is a time: it has its site with the caller.
bool comes_in(const clang::NamedDecl& source) {
    const auto* parameter = llvm::dyn_cast<clang::ParmVarDecl>(&source);
    if (!parameter)
        return false;
    const auto* function = llvm::dyn_cast<clang::FunctionDecl>(parameter->getDeclContext());
    return says_counted_time(name_of(parameter)) ||
           (function && function->getNumParams() == 1 && says_counted_wait(name_of(function)));
}

// timeout_ms, or timeout_ms * 1000.
bool passes_on(const clang::Stmt& s) {
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&s);
    if (reference && comes_in(*reference->getDecl()))
        return true;
    for (const clang::Stmt* child : s.children())
        if (child && passes_on(*child))
            return true;
    return false;
}

time_count refused(const char* why) {
    return {{}, why, false};
}

}  // namespace

time_count time_count_of(const called& call, unsigned index, const clang::ASTContext& ast) {
    const clang::Expr& passed = *call.arguments[index];
    const clang::Expr& written = *passed.IgnoreUnlessSpelledInSource();
    if (!call.resolved || call.candidates.size() != 1 || !is_count(written.getType()))
        return {};
    const clang::FunctionDecl& callee = *call.candidates.front();
    if (index >= callee.getNumParams())
        return {};
    const clang::QualType type = callee.getParamDecl(index)->getType().getNonReferenceType();
    if (!is_count(type))
        return {};

    const auto* constructor = llvm::dyn_cast<clang::CXXConstructorDecl>(&callee);
    const bool makes_duration = constructor && is_duration(ast.getTypeDeclType(constructor->getParent()));
    const clang::NamedDecl* source = named(written);
    const bool source_says = source && says_counted_time(name_of(source));
    const bool parameter = parameter_says(callee, index, &says_counted_time);
    // sleep_ms(50), set_timeout_ms(50).
    const bool function = !call.constructs && callee.getNumParams() == 1 && says_counted_wait(call.name);
    const bool confirmed = makes_duration || parameter_says(callee, index, &says_timeout) ||
                           parameter_says(callee, index, &says_time_unit) || says_timeout(call.name) ||
                           says_wait(call.name);
    if (!parameter && !function && !(source_says && confirmed))
        return {};

    if (passes_on(written))
        return refused("parameter passed on");
    if (source && changed_already(*source, ast))
        return refused("changed where it was set");
    const auto value = constant_value(written, ast);
    if (value && is_special(*value))
        return refused("no time to wait, or for ever");
    const bool point = may_be_point_in_time(name_of(callee.getParamDecl(index))) ||
                       (source && may_be_point_in_time(name_of(source)));
    if (point && !value)
        return refused("deadline may be a point in time");
    if (!takes_temporary(call, index, written, makes_duration))
        return refused("reference may be kept or written to");
    return {spelled(type, ast), nullptr, true};
}

time_count time_count_of(const clang::ValueDecl& variable, const clang::Expr& value,
                         const clang::ASTContext& ast) {
    if (!is_count(variable.getType()) || !says_counted_time(name_of(&variable)))
        return {};
    if (const auto* local = llvm::dyn_cast<clang::VarDecl>(&variable); local && !set_at_run_time(*local))
        return {};
    if (const auto* field = llvm::dyn_cast<clang::FieldDecl>(&variable); field && field->isBitField())
        return {};
    const auto constant = constant_value(value, ast);
    if (!constant)
        return {};
    if (is_special(*constant))
        return refused("no time to wait, or for ever");
    return {spelled(variable.getType(), ast), nullptr, true};
}

}  // namespace squall::rewrite
