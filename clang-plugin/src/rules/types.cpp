// Classifies types by what they are, not by how they are spelled.
#include "rules/types.h"

#include "rules/names.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/PrettyPrinter.h>
#include <clang/AST/QualTypeNames.h>
#include <llvm/Support/raw_ostream.h>

namespace squall::rewrite {
namespace {

// std::__1::optional and std::optional are one: inline namespaces are not named.
std::string name_without_inline(const clang::NamedDecl& declaration) {
    clang::PrintingPolicy policy(declaration.getASTContext().getPrintingPolicy());
    policy.SuppressUnwrittenScope = true;
    policy.SuppressInlineNamespace = true;
    std::string name;
    llvm::raw_string_ostream out(name);
    declaration.printQualifiedName(out, policy);
    return name;
}

const clang::TypeDecl* nested_type(const clang::CXXRecordDecl& record, llvm::StringRef name) {
    clang::ASTContext& ast = record.getASTContext();
    const auto found = record.lookup(clang::DeclarationName(&ast.Idents.get(name)));
    return found.isSingleResult() ? llvm::dyn_cast<clang::TypeDecl>(found.front()) : nullptr;
}

}  // namespace

std::string_view name_of(clang::DeclarationName name) {
    const auto* identifier = name.getAsIdentifierInfo();
    return identifier ? std::string_view(identifier->getName()) : std::string_view();
}

std::string_view name_of(const clang::NamedDecl* declaration) {
    return declaration ? name_of(declaration->getDeclName()) : std::string_view();
}

std::string class_name(clang::QualType type) {
    type = type.getNonReferenceType().getCanonicalType();
    if (const auto* record = type->getAsCXXRecordDecl())
        return name_without_inline(*record);
    if (const auto* specialisation = type->getAs<clang::TemplateSpecializationType>())
        if (const auto* pattern = specialisation->getTemplateName().getAsTemplateDecl())
            return name_without_inline(*pattern);
    return {};
}

bool is_error_code(clang::QualType type) {
    if (type.isNull())
        return false;
    const std::string name = class_name(type);
    return name == "std::error_code" || name == "boost::system::error_code";
}

bool is_stream(clang::QualType type) {
    if (type.isNull())
        return false;
    const auto* record = type.getNonReferenceType()->getAsCXXRecordDecl();
    if (!record || !record->hasDefinition())
        return false;
    if (class_name(type) == "std::basic_ios")
        return true;
    for (const auto& parent : record->bases())
        if (is_stream(parent.getType()))
            return true;
    return false;
}

bool is_duration(clang::QualType type) {
    if (type.isNull())
        return false;
    const std::string name = class_name(type);
    return name == "std::chrono::duration" || name == "boost::chrono::duration";
}

bool is_weak(failure_kind kind) {
    return kind == failure_kind::boolean || kind == failure_kind::pointer ||
           kind == failure_kind::smart_pointer || kind == failure_kind::optional;
}

std::optional<failure_type> failure_type_of(clang::QualType type) {
    type = type.getCanonicalType().getUnqualifiedType();
    if (type->isBooleanType())
        return failure_type{failure_kind::boolean, type, {}};
    if (type->isPointerType())
        return failure_type{failure_kind::pointer, type, {}};
    if (type->isEnumeralType())
        return failure_type{failure_kind::enumeration, type, {}};
    std::string name = class_name(type);
    if (name.empty())
        return std::nullopt;
    if (is_error_code(type))
        return failure_type{failure_kind::error_code, type, std::move(name)};
    if (name == "std::optional" || name == "boost::optional")
        return failure_type{failure_kind::optional, type, std::move(name)};
    if (name == "std::unique_ptr" || name == "std::shared_ptr")
        return failure_type{failure_kind::smart_pointer, type, std::move(name)};
    if (!expected_error(type).isNull())
        return failure_type{failure_kind::expected, type, std::move(name)};
    return std::nullopt;
}

clang::QualType expected_error(clang::QualType type) {
    const auto* record = type->getAsCXXRecordDecl();
    if (!record || !record->hasDefinition() || record->isDependentContext())
        return {};
    const auto* error = nested_type(*record, "error_type");
    if (!error || !nested_type(*record, "unexpected_type"))
        return {};
    return record->getASTContext().getTypeDeclType(error).getCanonicalType();
}

std::string global_name(clang::QualType type, const clang::ASTContext& ast) {
    clang::PrintingPolicy policy(ast.getLangOpts());
    policy.SuppressUnwrittenScope = true;
    std::string name = clang::TypeName::getFullyQualifiedName(type.getCanonicalType(), ast, policy,
                                                              /*WithGlobalNsPrefix=*/true);
    // "(lambda at ...)", "(unnamed struct at ...)": not C++.
    return name.find('(') == std::string::npos ? name : std::string();
}

std::string global_name(const clang::EnumConstantDecl& enumerator) {
    for (const clang::DeclContext* around = enumerator.getDeclContext(); around;
         around = around->getParent()) {
        if (around->isFunctionOrMethod() || around->isDependentContext() ||
            llvm::isa<clang::ClassTemplateSpecializationDecl>(around))
            return {};
        const auto* record = llvm::dyn_cast<clang::TagDecl>(around);
        if (record && record->getName().empty())
            return {};
    }
    return "::" + name_without_inline(enumerator);
}

}  // namespace squall::rewrite
