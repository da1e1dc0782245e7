// What the types in a signature are to the rules.
#ifndef SQUALL_REWRITE_TYPES_H
#define SQUALL_REWRITE_TYPES_H

#include <clang/AST/ASTFwd.h>
#include <clang/AST/DeclarationName.h>
#include <clang/AST/Type.h>

#include <optional>
#include <string>
#include <string_view>

namespace squall::rewrite {

// Empty for what is no identifier, as operators and constructors.
std::string_view name_of(clang::DeclarationName name);
std::string_view name_of(const clang::NamedDecl* declaration);  // also for null

// "std::optional" for any specialisation of it, even one that depends on template parameters. Empty for what
// is no class.
std::string class_name(clang::QualType type);

// std::error_code or boost::system::error_code.
bool is_error_code(clang::QualType type);
// std::basic_ios and what derives from it: tested with ! to see whether it failed.
bool is_stream(clang::QualType type);
// std::chrono::duration or boost::chrono::duration.
bool is_duration(clang::QualType type);

// What may hold a failure, and what all its kinds have in common: null, false or empty may also be an honest
// answer (`weak`), or says nothing but failure.
enum class failure_kind { boolean, pointer, smart_pointer, optional, error_code, enumeration, expected };
bool is_weak(failure_kind kind);

struct failure_type {
    failure_kind kind;
    clang::QualType type;
    std::string name;  // of the class, if any
};
std::optional<failure_type> failure_type_of(clang::QualType type);

// E of an expected-like class: its nested error_type, if there is an unexpected_type beside it. Null type if
// not so.
clang::QualType expected_error(clang::QualType type);

// Names that mean the same wherever they are written; empty where there is none, as for local and unnamed
// entities.
std::string global_name(clang::QualType type, const clang::ASTContext& ast);
std::string global_name(const clang::EnumConstantDecl& enumerator);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_TYPES_H
