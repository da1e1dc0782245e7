// Finds factories of errors among what is returned, and spells a call of one.
#include "rules/status_class.h"

#include "rules/failure_values.h"
#include "rules/names.h"
#include "rules/types.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>

#include <algorithm>
#include <optional>

namespace squall::rewrite {
namespace {

constexpr const char* message = "\"injected by squall\"";

bool is_char_pointer(clang::QualType type) {
    type = type.getCanonicalType();
    return type->isPointerType() && type->getPointeeType().isConstQualified() &&
           type->getPointeeType()->isCharType();
}

// The message as the type, which a text becomes by itself: const char*, std::string, a Slice. Spelled out,
// since there may be an overload for each.
std::string message_as(clang::QualType type, const clang::ASTContext& ast) {
    type = type.getNonReferenceType();
    if (!type->isRecordType())
        return message;
    const std::string known = class_name(type);
    const std::string name = known == "std::basic_string" ? "::std::string"
                             : known == "std::basic_string_view"
                                 ? "::std::string_view"
                                 : global_name(type.getUnqualifiedType(), ast);
    return name.empty() ? name : name + '(' + message + ')';
}

bool takes_text(clang::QualType type) {
    if (type->isLValueReferenceType() && !type.getNonReferenceType().isConstQualified())
        return false;
    type = type.getNonReferenceType().getCanonicalType().getUnqualifiedType();
    if (is_char_pointer(type))
        return true;
    const auto* record = type->getAsCXXRecordDecl();
    if (!record || !record->hasDefinition())
        return false;
    if (const auto* special = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(record)) {
        const std::string name = class_name(type);
        if (name == "std::basic_string" || name == "std::basic_string_view")
            return special->getTemplateArgs()[0].getAsType().getAsString() == "char";
    }
    return std::ranges::any_of(record->ctors(), [](const clang::CXXConstructorDecl* each) {
        return !each->isExplicit() && !each->isDeleted() && each->getAccess() == clang::AS_public &&
               each->getNumParams() > 0 && each->getMinRequiredArguments() <= 1 &&
               is_char_pointer(each->getParamDecl(0)->getType());
    });
}

// What may be named from everywhere; empty for what is local, private or of a template.
std::string global_function_name(const clang::FunctionDecl& function, const clang::FunctionDecl& from) {
    if (const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(&function)) {
        if (!method->isStatic() ||
            (method->getAccess() != clang::AS_public && !from.getDeclContext()->Equals(method->getParent())))
            return {};
        const std::string type = global_name(function.getASTContext().getTypeDeclType(method->getParent()),
                                             function.getASTContext());
        return type.empty() || method->isDependentContext() ? std::string()
                                                            : type + "::" + std::string(name_of(method));
    }
    if (!function.getDeclContext()->getRedeclContext()->isFileContext())
        return {};
    std::string name = function.getQualifiedNameAsString();
    return name.find('(') == std::string::npos ? "::" + name : std::string();
}

// The arguments of a call, each as it is known at the start of the function. Nothing if one is not.
std::optional<std::string> argument_texts(llvm::ArrayRef<const clang::Expr*> arguments,
                                          const clang::FunctionDecl& callee,
                                          const clang::FunctionDecl& from) {
    std::string all;
    for (unsigned i = 0; i < arguments.size(); ++i) {
        const clang::Expr& passed = *arguments[i];
        if (llvm::isa<clang::CXXDefaultArgExpr>(passed))
            break;
        if (i >= callee.getNumParams())
            return std::nullopt;
        const clang::QualType type = callee.getParamDecl(i)->getType();
        std::string text =
            type->isDependentType() ? std::string() : constant_text(passed, from.getASTContext());
        if (text.empty() && takes_text(type))
            text = message_as(type, from.getASTContext());
        if (text.empty())
            return std::nullopt;
        all += (i > 0 ? ", " : "") + text;
    }
    return all;
}

const clang::Expr& bare(const clang::Expr& value) {
    return *value.IgnoreParens()->IgnoreUnlessSpelledInSource()->IgnoreParens();
}

bool names_error(std::string_view name, bool& failure) {
    failure = says_failure(name) && !says_conversion(name);
    return failure || says_absence(name);
}

// Whether the value is an error made on the spot, and if it is one to inject, how to make it again.
struct made_error {
    bool error = false;
    std::string text;
};

made_error look_at_value(const clang::Expr& value, const clang::FunctionDecl& from) {
    const clang::Expr* inner = &bare(value);
    if (const auto* conversion = llvm::dyn_cast<clang::CXXFunctionalCastExpr>(inner))
        inner = conversion->getSubExpr()->IgnoreImplicit();
    const clang::Expr& e = *inner;
    made_error found;
    bool failure = false;
    if (e.isTypeDependent() || !is_status_class(e.getType()))
        return found;
    if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&e)) {
        const clang::FunctionDecl* callee = call->getDirectCallee();
        const auto* method = llvm::dyn_cast_or_null<clang::CXXMethodDecl>(callee);
        if (!callee || (method && !method->isStatic()) || !names_error(name_of(callee), failure))
            return found;
        found.error = true;
        if (!failure || callee->isTemplateInstantiation())
            return found;
        const std::string name = global_function_name(*callee, from);
        const auto arguments = argument_texts({call->getArgs(), call->getNumArgs()}, *callee, from);
        if (!name.empty() && arguments)
            found.text = name + '(' + *arguments + ')';
    } else if (const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(&e)) {
        // Status(code::unavailable, "...")
        for (const clang::Expr* argument : made->arguments())
            if (const auto* enumerator = enumerator_of(bare(*argument)))
                found.error = found.error || (names_error(name_of(enumerator), failure));
        const std::string type = global_name(e.getType(), from.getASTContext());
        const auto arguments =
            argument_texts({made->getArgs(), made->getNumArgs()}, *made->getConstructor(), from);
        if (failure && !type.empty() && arguments && made->getConstructor()->getAccess() == clang::AS_public)
            found.text = type + '(' + *arguments + ')';
    } else if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&e)) {
        // Status::CANCELLED
        const auto* variable = llvm::dyn_cast<clang::VarDecl>(reference->getDecl());
        if (!variable || !variable->isStaticDataMember() || !names_error(name_of(variable), failure))
            return found;
        found.error = true;
        const std::string type = global_name(
            from.getASTContext().getTypeDeclType(llvm::cast<clang::RecordDecl>(variable->getDeclContext())),
            from.getASTContext());
        if (failure && !type.empty() && variable->getAccess() == clang::AS_public)
            found.text = type + "::" + std::string(name_of(variable));
    }
    return found;
}

}  // namespace

bool is_status_class(clang::QualType type) {
    const auto* record = type.isNull() ? nullptr : type->getAsCXXRecordDecl();
    if (!record || !record->hasDefinition() || record->isLambda())
        return false;
    return says_error_type(name_of(record)) || has_ok(type);
}

bool has_ok(clang::QualType type) {
    const auto* record = type.isNull() ? nullptr : type->getAsCXXRecordDecl();
    if (!record || !record->hasDefinition())
        return false;
    return std::ranges::any_of(record->methods(), [](const clang::CXXMethodDecl* each) {
        const std::string_view name = name_of(each);
        return each->isConst() && each->getNumParams() == 0 && each->getReturnType()->isBooleanType() &&
               (name == "ok" || name == "Ok" || name == "OK" || name == "IsOK" || name == "IsOk" ||
                name == "is_ok" || name == "isOk");
    });
}

std::string made_again(const clang::Expr& value, const clang::FunctionDecl& from) {
    const clang::Expr* inner = &bare(value);
    if (const auto* conversion = llvm::dyn_cast<clang::CXXFunctionalCastExpr>(inner))
        inner = conversion->getSubExpr()->IgnoreImplicit();
    const auto* made = llvm::dyn_cast<clang::CXXConstructExpr>(inner);
    if (!made || made->isTypeDependent() || made->getConstructor()->getAccess() != clang::AS_public ||
        made->getConstructor()->isCopyOrMoveConstructor())
        return {};
    const std::string type = global_name(made->getType().getUnqualifiedType(), from.getASTContext());
    const auto arguments =
        argument_texts({made->getArgs(), made->getNumArgs()}, *made->getConstructor(), from);
    return type.empty() || !arguments ? std::string() : type + '(' + *arguments + ')';
}

std::string status_failure(const std::vector<returned_value>& values, const clang::FunctionDecl& function) {
    std::string text;
    bool succeeds = false;
    for (const returned_value& each : values) {
        const made_error found = look_at_value(*each.value, function);
        succeeds = succeeds || !found.error;
        if (text.empty())
            text = found.text;
    }
    // What only ever makes errors is one of their factories itself.
    return succeeds ? text : std::string();
}

bool may_be_failure(const std::vector<returned_value>& values) {
    auto succeeds = [](const returned_value& each) {
        const clang::Expr& e = bare(*each.value);
        std::string_view name;
        if (const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(&e))
            name = name_of(reference->getDecl());
        else if (const auto* call = llvm::dyn_cast<clang::CallExpr>(&e))
            name = name_of(call->getDirectCallee());
        else
            return true;
        return says_success(name) || says_absence(name);
    };
    return values.size() > 1 && !std::ranges::all_of(values, succeeds);
}

}  // namespace squall::rewrite
