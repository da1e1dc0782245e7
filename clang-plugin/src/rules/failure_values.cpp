// Which of the named errors to inject, and how to spell it.
#include "rules/failure_values.h"

#include "rules/names.h"
#include "rules/types.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/ExprCXX.h>
#include <llvm/ADT/StringExtras.h>

namespace squall::rewrite {
namespace {

constexpr const char* std_io_error = "::std::make_error_code(::std::errc::io_error)";
constexpr const char* boost_io_error =
    "::boost::system::errc::make_error_code(::boost::system::errc::io_error)";

// `return ec;`: of a local variable that some operation set; a parameter alone is handed through.
bool holds_local_error(const clang::Expr& value, bool beside_others) {
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&value);
    if (!reference)
        return false;
    if (llvm::isa<clang::BindingDecl>(reference->getDecl()))
        return true;
    const auto* variable = llvm::dyn_cast<clang::VarDecl>(reference->getDecl());
    if (!variable || !variable->hasLocalStorage())
        return false;
    return beside_others || !llvm::isa<clang::ParmVarDecl>(variable);
}

}  // namespace

const char* io_error_of(clang::QualType type) {
    return class_name(type) == "std::error_code" ? std_io_error : boost_io_error;
}

const clang::EnumConstantDecl* enumerator_of(const clang::Expr& e) {
    const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&e);
    return reference ? llvm::dyn_cast<clang::EnumConstantDecl>(reference->getDecl()) : nullptr;
}

void best_enumerator::offer(const clang::EnumConstantDecl* enumerator, bool any_will_do) {
    if (!enumerator)
        return;
    const std::string_view name = name_of(enumerator);
    if (says_success(name) || says_absence(name))
        return;
    if (says_failure(name) && !says_failure_) {
        best_ = enumerator;
        says_failure_ = true;
    } else if (any_will_do && !best_) {
        best_ = enumerator;
    }
}

void error_code_evidence::offer(const clang::Expr& value, bool beside_others) {
    const clang::Expr& e = *value.IgnoreParens()->IgnoreUnlessSpelledInSource()->IgnoreParens();
    if (const auto* enumerator = enumerator_of(e)) {
        direct_.offer(enumerator, true);
    } else if (const auto* choice = llvm::dyn_cast<clang::ConditionalOperator>(&e)) {
        offer(*choice->getTrueExpr(), true);
        offer(*choice->getFalseExpr(), true);
    } else if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&e)) {
        const auto* callee = call->getDirectCallee();
        const std::string_view name = name_of(callee);
        if (name != "make_error_code" && name != "code")  // of a system_error
            return;
        fails_ = true;
        if (call->getNumArgs() == 1)
            made_.offer(enumerator_of(*call->getArg(0)->IgnoreImpCasts()), true);
    } else if (const auto* made_here = llvm::dyn_cast<clang::CXXConstructExpr>(&e)) {
        fails_ = fails_ || made_here->getNumArgs() >= 2;
    } else {
        fails_ = fails_ || holds_local_error(e, beside_others);
    }
}

std::string error_code_evidence::text(clang::QualType error_code, bool asked) const {
    if (direct_.get())
        if (std::string name = global_name(*direct_.get()); !name.empty())
            return name;
    if (made_.get())
        if (const std::string name = global_name(*made_.get()); !name.empty())
            return "make_error_code(" + name + ")";
    return asked || fails_ || direct_.get() || made_.get() ? io_error_of(error_code) : std::string();
}

std::string constant_text(const clang::Expr& e, const clang::ASTContext& ast) {
    const clang::Expr& inner = *e.IgnoreParens()->IgnoreUnlessSpelledInSource()->IgnoreParens();
    if (const auto* enumerator = enumerator_of(inner))
        return global_name(*enumerator);
    if (const auto* literal = llvm::dyn_cast<clang::CXXBoolLiteralExpr>(&inner))
        return literal->getValue() ? "true" : "false";
    if (const auto* literal = llvm::dyn_cast<clang::IntegerLiteral>(&inner))
        return literal->getValue().getActiveBits() < 32 ? llvm::toString(literal->getValue(), 10, false)
                                                        : std::string();
    if (const auto* minus = llvm::dyn_cast<clang::UnaryOperator>(&inner);
        minus && minus->getOpcode() == clang::UO_Minus && !minus->isTypeDependent()) {
        const std::string operand = constant_text(*minus->getSubExpr(), ast);
        return operand.empty() ? operand : '-' + operand;
    }
    if (llvm::isa<clang::CXXNullPtrLiteralExpr, clang::GNUNullExpr>(inner))
        return "nullptr";
    if (const auto* list = llvm::dyn_cast<clang::InitListExpr>(&inner))
        return list->getNumInits() == 0 ? "{}" : "";
    const auto* listed = llvm::dyn_cast<clang::CXXConstructExpr>(&inner);
    const auto* made = llvm::dyn_cast<clang::CXXTemporaryObjectExpr>(&inner);
    if (listed && !made && listed->isListInitialization() && listed->getNumArgs() == 0)
        return "{}";
    if ((made && made->getNumArgs() == 0) || llvm::isa<clang::CXXScalarValueInitExpr>(inner)) {
        if (inner.isTypeDependent())
            return {};
        const std::string type = global_name(inner.getType(), ast);
        return type.empty() ? type : type + "()";
    }
    return {};
}

}  // namespace squall::rewrite
