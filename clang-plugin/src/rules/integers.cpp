// What integers are, by type and value.
#include "rules/integers.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Expr.h>

namespace squall::rewrite {

bool is_count(clang::QualType type) {
    const auto* builtin = type.isNull() ? nullptr : type.getCanonicalType()->getAs<clang::BuiltinType>();
    if (!builtin)
        return false;
    switch (builtin->getKind()) {
        case clang::BuiltinType::Short:
        case clang::BuiltinType::UShort:
        case clang::BuiltinType::Int:
        case clang::BuiltinType::UInt:
        case clang::BuiltinType::Long:
        case clang::BuiltinType::ULong:
        case clang::BuiltinType::LongLong:
        case clang::BuiltinType::ULongLong:
            return true;
        default:
            return false;
    }
}

std::string spelled(clang::QualType type, const clang::ASTContext& ast) {
    return type.getCanonicalType().getUnqualifiedType().getAsString(clang::PrintingPolicy(ast.getLangOpts()));
}

std::optional<llvm::APSInt> constant_value(const clang::Expr& e, const clang::ASTContext& ast) {
    clang::Expr::EvalResult result;
    if (e.isValueDependent() || !e.EvaluateAsInt(result, ast, clang::Expr::SE_NoSideEffects))
        return std::nullopt;
    return result.Val.getInt();
}

}  // namespace squall::rewrite
