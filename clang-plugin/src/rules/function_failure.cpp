// Works out what a function returns when it fails, by its annotation, .squall.yaml, or what its body returns.
#include "rules/function_failure.h"

#include "core/annotations.h"
#include "core/edits.h"
#include "rules/error_argument.h"
#include "rules/evidence.h"
#include "rules/failure_values.h"
#include "rules/names.h"
#include "rules/status_class.h"
#include "rules/types.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>

#include <algorithm>

namespace squall::rewrite {
namespace {

bool never_fails(const clang::FunctionDecl& f) {
    return llvm::isa<clang::CXXConstructorDecl, clang::CXXDestructorDecl, clang::CXXConversionDecl>(f) ||
           f.isMain() || f.isNoReturn();
}

bool is_const_method(const clang::FunctionDecl& f) {
    const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(&f);
    return method && method->isConst() && !method->getParent()->isLambda();
}

// Such as `status() const`, which tells how the object stands: it does nothing that could go wrong.
bool only_tells(const function_view& f) {
    return is_const_method(f.declaration) && !calls_something(f.body);
}

// Whether a failure of this kind is what the expression is, taken alone.
bool is_failure_value(failure_kind kind, const clang::Expr& e, const clang::ASTContext& ast) {
    switch (kind) {
        case failure_kind::boolean: {
            const auto* literal = llvm::dyn_cast<clang::CXXBoolLiteralExpr>(&e);
            return literal && !literal->getValue();
        }
        case failure_kind::pointer:
        case failure_kind::smart_pointer:
            if (const auto* list = llvm::dyn_cast<clang::InitListExpr>(&e))
                return list->getNumInits() == 0;
            return !e.isValueDependent() && e.isNullPointerConstant(const_cast<clang::ASTContext&>(ast),
                                                                    clang::Expr::NPC_NeverValueDependent);
        case failure_kind::optional: {
            if (const auto* list = llvm::dyn_cast<clang::InitListExpr>(&e))
                return list->getNumInits() == 0;
            const std::string type = class_name(e.getType());
            return type == "std::nullopt_t" || type == "boost::none_t";
        }
        default:
            return false;
    }
}

// The first enumerator of the type within an expression: errc::x of std::unexpected(errc::x).
const clang::EnumConstantDecl* enumerator_within(const clang::Stmt& s, clang::QualType type) {
    if (const auto* e = llvm::dyn_cast<clang::Expr>(&s))
        if (const auto* found = enumerator_of(*e); found && found->getType().getCanonicalType() == type)
            return found;
    for (const clang::Stmt* child : s.children())
        if (child)
            if (const auto* found = enumerator_within(*child, type))
                return found;
    return nullptr;
}

// What a coroutine gives: the first type argument, as in asio::awaitable<T, Executor>.
clang::QualType value_type(clang::QualType type) {
    if (const auto* specialisation =
            llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(type->getAsCXXRecordDecl())) {
        const auto& arguments = specialisation->getTemplateArgs();
        if (arguments.size() > 0 && arguments[0].getKind() == clang::TemplateArgument::Type)
            return arguments[0].getAsType();
    } else if (const auto* dependent = type->getAs<clang::TemplateSpecializationType>()) {
        const auto arguments = dependent->template_arguments();
        if (!arguments.empty() && arguments[0].getKind() == clang::TemplateArgument::Type)
            return arguments[0].getAsType();
    }
    return {};
}

// Where a caller may look at an error_code instead of at what is returned, it must find an error there.
std::string set_error_argument(const function_view& f, const failure_type& failing) {
    if (!is_weak(failing.kind))
        return {};
    for (const clang::ParmVarDecl* parameter : f.declaration.parameters()) {
        const clang::QualType type = parameter->getType();
        if (!type->isLValueReferenceType() || type.getNonReferenceType().isConstQualified())
            continue;
        if (!is_error_code(type) || name_of(parameter).empty())
            continue;
        return std::string(name_of(parameter)) + " = " + io_error_of(type) + "; ";
    }
    return {};
}

// Why failure_value() gave one.
std::string evidence(const function_view& f, const std::optional<failure_type>& failing,
                     const clang::ASTContext& ast) {
    if (!failing)
        return "its body returns that error itself";
    if (!is_weak(failing->kind))
        return "its body returns an error of that type";
    for (const returned_value& each : returned_values(f.body))
        if (each.after_failure && is_failure_value(failing->kind, *each.value, ast))
            return "its body returns that behind a test that something failed";
    return "its body returns that, and its name says that it has reasons to fail";
}

// Of a class whose factories of errors the body calls.
std::string status_value(const function_view& f, clang::QualType type, bool asked) {
    const std::string_view name = name_of(&f.declaration);
    if (type->isBuiltinType() || (!asked && (says_predicate(name) || says_conversion(name))))
        return {};
    return status_failure(returned_values(f.body), f.declaration);
}

// Whether the name alone makes a failure of false and null. `T* read(U& u) { return u.full ? &u.value :
// nullptr; }` only picks what it is given apart.
bool named_fallible(const function_view& f, failure_kind kind) {
    const std::string_view name = name_of(&f.declaration);
    const bool picks = kind != failure_kind::boolean && f.declaration.getNumParams() == 1 &&
                       f.declaration.getParamDecl(0)->getType()->isReferenceType() &&
                       !calls_something(f.body);
    return says_fallible(name) && !says_next_item(name) && !is_const_method(f.declaration) && !picks;
}

bool weak_evidence(const function_view& f, failure_kind kind, const std::vector<returned_value>& values,
                   const clang::ASTContext& ast) {
    bool fails = false;  // other than because there was nothing to do
    bool fails_after_failure = false;
    bool succeeds = false;
    for (const returned_value& each : values) {
        if (!is_failure_value(kind, *each.value, ast)) {
            succeeds = true;
            continue;
        }
        fails = fails || !each.nothing_there;
        fails_after_failure = fails_after_failure || each.after_failure;
    }
    if (!succeeds || only_tells(f))
        return false;
    return fails_after_failure || (fails && named_fallible(f, kind));
}

std::string error_code_value(const failure_type& failing, const std::vector<returned_value>& values,
                             bool asked) {
    error_code_evidence evidence;
    for (const returned_value& each : values)
        evidence.offer(*each.value, values.size() > 1);
    return evidence.text(failing.type, asked);
}

std::string enumeration_value(const function_view& f, const failure_type& failing,
                              const std::vector<returned_value>& values, bool asked) {
    const auto* type = failing.type->castAs<clang::EnumType>()->getDecl();
    const std::string_view type_name = name_of(type);
    // parse_exit_status() makes an exit_status out of something else: its values are data.
    const std::vector<std::string> made = words_of(name_of(&f.declaration));
    const std::vector<std::string> of = words_of(type_name);
    if (!asked && made.size() > of.size() && std::equal(of.rbegin(), of.rend(), made.rbegin()))
        return {};
    // What it is given is the error: it tells of which kind that is.
    const bool translates = std::ranges::any_of(f.declaration.parameters(), [](const auto* parameter) {
        return !parameter->getType()->isReferenceType() && !parameter->getType()->isPointerType() &&
               says_error_variable(name_of(parameter));
    });
    if (!asked && (only_tells(f) || translates))
        return {};
    // A status may be anything, an error is one whatever it is called.
    const bool all_errors = says_error_type(type_name) && says_failure(type_name);
    const bool some_errors =
        says_error_type(type_name) || std::ranges::any_of(type->enumerators(), [](const auto* each) {
            const std::vector<std::string> words = words_of(name_of(each));
            return std::ranges::any_of(words, [](const std::string& word) {
                return word == "error" || word == "fail" || word == "failed" || word == "failure";
            });
        });
    best_enumerator best;
    if (some_errors || asked) {
        for (const returned_value& each : values) {
            const auto* enumerator = enumerator_of(*each.value);
            if (enumerator && (asked || each.after_failure || !is_const_method(f.declaration)))
                best.offer(enumerator, all_errors || asked);
        }
        const bool other = std::ranges::any_of(
            values, [&](const returned_value& each) { return enumerator_of(*each.value) != best.get(); });
        if (best.get() && (other || asked))
            return global_name(*best.get());
    }
    if (!asked)
        return {};
    for (const auto* enumerator : type->enumerators())
        best.offer(enumerator, true);
    return best.get() ? global_name(*best.get()) : std::string();
}

bool says_unexpected(std::string_view name) {
    const std::vector<std::string> words = words_of(name);
    return !words.empty() && (words.front() == "unexpected" || words.front() == "unexpect");
}

std::string expected_value(const failure_type& failing, const std::vector<returned_value>& values, bool asked,
                           const clang::ASTContext& ast) {
    const clang::QualType error = expected_error(failing.type);
    const std::string type = global_name(failing.type, ast);
    if (type.empty())
        return {};
    bool fails = asked;
    best_enumerator best;
    for (const returned_value& each : values) {
        const std::string returned = class_name(each.value->getType());
        const std::size_t colon = returned.rfind(':');
        if (!says_unexpected(colon == std::string::npos ? returned : returned.substr(colon + 1)))
            continue;
        fails = true;
        best.offer(enumerator_within(*each.value, error), true);
    }
    if (!fails)
        return {};
    auto failure = [&](const std::string& value) {
        return type + "(" + type + "::unexpected_type(" + value + "))";
    };
    if (is_error_code(error))
        return failure(io_error_of(error));
    if (const auto* enumeration = error->getAs<clang::EnumType>()) {
        if (!best.get())
            for (const auto* enumerator : enumeration->getDecl()->enumerators())
                best.offer(enumerator, true);
        const std::string name = best.get() ? global_name(*best.get()) : std::string();
        return name.empty() ? name : failure(name);
    }
    // Errors that may be looked into must not be null.
    const std::string error_name = class_name(error);
    if (error->isPointerType() || error_name == "std::exception_ptr" ||
        error_name == "std::__exception_ptr::exception_ptr" || error_name == "std::unique_ptr" ||
        error_name == "std::shared_ptr")
        return {};
    const auto* record = error->getAsCXXRecordDecl();
    if (record && !(record->hasDefinition() && record->hasDefaultConstructor()))
        return {};
    // An unexpected value that says ok is none that callers could have met.
    if (has_ok(error))
        return {};
    return "::squall::failure<" + type + ">()";
}

// The text of the failure, or nothing if the function is not seen to fail.
std::string failure_value(const function_view& f, const failure_type& failing, bool asked,
                          const clang::ASTContext& ast) {
    const std::string_view name = name_of(&f.declaration);
    const auto overloaded = f.declaration.getOverloadedOperator();
    const bool comparison_or_such = overloaded != clang::OO_None && overloaded != clang::OO_Call;
    if (!asked && (comparison_or_such || says_predicate(name) || says_conversion(name)))
        return {};
    const std::vector<returned_value> values = returned_values(f.body);
    switch (failing.kind) {
        case failure_kind::error_code:
            return error_code_value(failing, values, asked);
        case failure_kind::enumeration:
            return enumeration_value(f, failing, values, asked);
        case failure_kind::expected:
            return expected_value(failing, values, asked, ast);
        default:
            break;
    }
    if (!asked && !weak_evidence(f, failing.kind, values, ast))
        return {};
    switch (failing.kind) {
        case failure_kind::boolean:
            return "false";
        case failure_kind::optional:
            return failing.name == "boost::optional" ? "::boost::none" : "::std::nullopt";
        default:
            return "nullptr";
    }
}

// The value that .squall.yaml gives for the type.
std::string configured(const function_view& f, clang::QualType type, bool asked, context& at) {
    const settings* says = at.edit.settings_at(f.body.getLBracLoc());
    if (!says || says->failures.empty())
        return {};
    std::string name = class_name(type);
    if (const auto* enumeration = type->getAs<clang::EnumType>())
        name = enumeration->getDecl()->getQualifiedNameAsString();
    const std::string_view value = says->failure_of(name);
    const std::string_view function = name_of(&f.declaration);
    if (name.empty() || value.empty())
        return {};
    const bool fails = asked || (!says_predicate(function) && !says_conversion(function) &&
                                 may_be_failure(returned_values(f.body)));
    return fails ? std::string(value) : std::string();
}

// -1 with errno, as system calls have it; or -errno itself. A number below zero is an answer too, so that it
// counts only behind a test that something failed.
struct negative_failure {
    std::string value;
    bool by_errno = false;  // errno says more
};
negative_failure negative_value(const function_view& f, clang::QualType type, bool asked) {
    const std::string_view name = name_of(&f.declaration);
    const clang::QualType canonical = type.getCanonicalType();
    if (!canonical->isSignedIntegerType() || canonical->isAnyCharacterType() || canonical->isEnumeralType() ||
        (!asked && (says_predicate(name) || says_conversion(name) || says_lookup(name))))
        return {};
    negative_failure found;
    bool succeeds = false;
    for (const returned_value& each : returned_values(f.body)) {
        const clang::Expr& e = *each.value->IgnoreParenImpCasts();
        const auto* minus = llvm::dyn_cast<clang::UnaryOperator>(&e);
        const bool negative = minus && minus->getOpcode() == clang::UO_Minus;
        const clang::Expr* operand = negative ? minus->getSubExpr()->IgnoreParenImpCasts() : nullptr;
        const auto* literal = llvm::dyn_cast_or_null<clang::IntegerLiteral>(operand);
        if (negative && literal && literal->getValue() == 1) {
            if (each.after_failure)
                found = {"-1", true};
        } else if (negative && (literal || reads_errno(*operand))) {
            if (found.value.empty() && (literal == nullptr || each.after_failure))
                found = {"-5", false};  // -EIO
        } else {
            succeeds = true;
        }
    }
    return succeeds || asked ? found : negative_failure();
}

}  // namespace

function_failure failure_of(const function_view& f, context& at) {
    function_failure found;
    const clang::AnnotateAttr* annotation = annotation_of(f.declaration, annotations::fallible);
    const bool asked = annotation != nullptr;
    found.asked = asked;
    auto refuse = [&](const char* reason) {
        found.refusal = reason;
        return found;
    };
    if (never_fails(f.declaration))
        return refuse("special function");
    clang::QualType type = f.declaration.getReturnType();
    if (f.coroutine) {
        if (yields(f.body))
            return refuse("generator");
        type = value_type(type);
        if (type.isNull())
            return refuse("unknown coroutine type");
    }
    if (type->isReferenceType())
        return refuse("no failure value for this type");
    found.type = type;
    if (annotation && annotation->args_size() == 1) {
        found.value = source_text(**annotation->args_begin(), at.ast);
        found.because = "it is annotated as fallible, with that value";
        return found.value.empty() ? refuse("the annotation's value is not one piece of text") : found;
    }
    const error_argument through = error_argument_of(f, asked);
    const auto failing = failure_type_of(type);
    found.value = failing ? failure_value(f, *failing, asked, at.ast) : status_value(f, type, asked);
    found.because = asked ? "it is annotated as fallible" : evidence(f, failing, at.ast);
    found.set =
        !through.assignment.empty() || !failing ? through.assignment : set_error_argument(f, *failing);
    if (found.value.empty() && !through.assignment.empty()) {
        found.value = through.value;
        found.because = "its body sets its error_code parameter to an error";
    }
    if (found.value.empty() && through.assignment.empty()) {
        const negative_failure negative = negative_value(f, type, asked);
        found.value = negative.value;
        if (negative.by_errno)
            found.set = "::squall::set_errno(5); ";  // EIO
        found.because = "its body returns that behind a test that something failed";
    }
    if (const std::string set = configured(f, type, asked, at); !set.empty()) {
        found.value = set;
        found.because = ".squall.yaml names that failure for its type, and it returns more than success";
    }
    const bool by_argument_alone = type->isVoidType() && !through.assignment.empty();
    if (by_argument_alone)
        found.because = "its body sets its error_code parameter to an error";
    if (found.value.empty() && !by_argument_alone)
        return refuse(failing ? "no failure value known" : "no failure value for this type");
    return found;
}

}  // namespace squall::rewrite
