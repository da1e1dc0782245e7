// Looks annotations up.
#include "core/annotations.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Expr.h>
#include <clang/Lex/Lexer.h>

namespace squall::rewrite {

const clang::AnnotateAttr* annotation_of(const clang::Decl& declaration, llvm::StringRef which) {
    for (const clang::Decl* each : declaration.redecls())
        for (const auto* attribute : each->specific_attrs<clang::AnnotateAttr>())
            if (attribute->getAnnotation() == which)
                return attribute;
    return nullptr;
}

std::string string_argument(const clang::AnnotateAttr& annotation, unsigned index) {
    if (index >= annotation.args_size())
        return {};
    const auto* literal =
        llvm::dyn_cast<clang::StringLiteral>(annotation.args_begin()[index]->IgnoreParenImpCasts());
    return literal ? literal->getString().str() : std::string();
}

std::string source_text(const clang::Expr& e, const clang::ASTContext& ast) {
    const clang::CharSourceRange range = clang::Lexer::makeFileCharRange(
        clang::CharSourceRange::getTokenRange(e.getSourceRange()), ast.getSourceManager(), ast.getLangOpts());
    if (range.isInvalid())
        return {};
    const std::string text =
        clang::Lexer::getSourceText(range, ast.getSourceManager(), ast.getLangOpts()).str();
    return text.find_first_of("\n@") == std::string::npos ? text : std::string();
}

}  // namespace squall::rewrite
