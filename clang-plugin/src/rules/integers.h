// Integers, by type and value.
#ifndef SQUALL_REWRITE_INTEGERS_H
#define SQUALL_REWRITE_INTEGERS_H

#include <clang/AST/ASTFwd.h>
#include <clang/AST/Type.h>
#include <llvm/ADT/APSInt.h>

#include <optional>
#include <string>

namespace squall::rewrite {

// short to unsigned long long: without characters, bool and enumerations, whatever their names say.
bool is_count(clang::QualType type);

// As C++, without what it was called in the source: "unsigned int".
std::string spelled(clang::QualType type, const clang::ASTContext& ast);

// Nothing for what is no constant.
std::optional<llvm::APSInt> constant_value(const clang::Expr& e, const clang::ASTContext& ast);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_INTEGERS_H
