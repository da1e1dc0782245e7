// timeout: changes durations that arm timers.
//
// Looks for arguments of type std::chrono::duration in calls that are known to wait (expires_after, wait_for,
// sleep_for,
// ...), in the construction of timers, and wherever the parameter's name says timeout, deadline, delay,
// interval, ttl, period or backoff. Wraps the argument E as `::squall::duration(site, E)`. Safe because the
// result has the type of E; and where the callee might keep a reference to E, nothing is done.
#include "core/edits.h"
#include "rules/names.h"
#include "rules/rules.h"
#include "rules/types.h"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/ExprCXX.h>

#include <algorithm>
#include <array>
#include <optional>

namespace squall::rewrite {
namespace {

// All of their durations say how long to wait, whatever the parameter is called.
constexpr std::array<std::string_view, 6> waiting_calls{"expires_after", "expires_from_now", "wait_for",
                                                        "sleep_for",     "async_sleep",      "try_lock_for"};

bool waits(std::string_view function) {
    return std::ranges::find(waiting_calls, function) != waiting_calls.end();
}

// A call as this rule sees it, whether or not it is known yet which function is called.
struct called {
    std::string_view name;
    std::vector<const clang::FunctionDecl*> candidates;  // one if resolved
    bool constructs = false;
    bool resolved = false;
    llvm::ArrayRef<const clang::Expr*> arguments;
};

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

// A parameter that says timeout in any declaration of its function; its type decides whether it can be a
// duration.
bool parameter_says_timeout(const clang::FunctionDecl& function, unsigned index) {
    for (const clang::FunctionDecl* declared : function.redecls())
        if (index < declared->getNumParams() &&
            says_timeout(name_of(declared->getParamDecl(index)->getDeclName())))
            return true;
    if (const clang::FunctionDecl* pattern = function.getTemplateInstantiationPattern())
        return parameter_says_timeout(*pattern, index);
    return false;
}

class timeout_rule : public rule {
public:
    explicit timeout_rule(const rule_info& info) : info_(info) {}

    void call(const clang::Expr& e, context& at) override {
        const auto call = look_at(e);
        if (!call)
            return;
        for (unsigned i = 0; i < call->arguments.size(); ++i)
            argument(*call, i, at);
    }

private:
    void argument(const called& call, unsigned index, context& at) {
        const clang::Expr& passed = *call.arguments[index];
        if (llvm::isa<clang::CXXDefaultArgExpr>(passed))
            return;
        const clang::Expr& written = *passed.IgnoreUnlessSpelledInSource();
        const bool known_wait = waits(call.name) && !call.constructs;
        const bool unknown_type = written.isTypeDependent() && !is_duration(written.getType());
        if (unknown_type) {
            // Of a template's timer one knows the name of the function only; these take nothing but a
            // duration.
            if (call.resolved || index != 0 || call.arguments.size() != 1 ||
                (call.name != "expires_after" && call.name != "expires_from_now"))
                return;
        } else if (!is_duration(written.getType())) {
            return;
        }
        const bool arms_timer = call.constructs && timer_class(call.name);
        if (!known_wait && !arms_timer && !named_timeout(call, index))
            return;
        if (llvm::isa<clang::PackExpansionExpr>(written)) {
            at.edit.skip(info_, written.getBeginLoc(), "expanded argument");
            return;
        }
        if (passed_on(written, at)) {
            at.edit.skip(info_, written.getBeginLoc(), "parameter passed on");
            return;
        }
        if (!by_value(call, index, passed, written, known_wait || arms_timer)) {
            at.edit.skip(info_, written.getBeginLoc(), "reference may be kept or written to");
            return;
        }
        const std::string text = at.edit.written(written.getSourceRange());
        at.edit.wrap(info_, written,
                     {std::string(call.name) + '#' + std::to_string(index) + ':' + text,
                      std::string(call.name) + '(' + text + ')'},
                     "::squall::duration(::@.head, ", ")");
    }

    static bool timer_class(std::string_view name) {
        const std::vector<std::string> words = words_of(name);
        return std::ranges::find(words, "timer") != words.end();
    }

    static bool named_timeout(const called& call, unsigned index) {
        return !call.candidates.empty() &&
               std::ranges::all_of(call.candidates,
                                   [&](const clang::FunctionDecl* each) {
                                       return index >= each->getNumParams() ||
                                              parameter_says_timeout(*each, index);
                                   }) &&
               std::ranges::any_of(call.candidates, [&](const clang::FunctionDecl* each) {
                   return index < each->getNumParams();
               });
    }

    // What comes in as a timeout has a site where it was written.
    static bool passed_on(const clang::Expr& written, const context& at) {
        const auto* reference = llvm::dyn_cast<clang::DeclRefExpr>(written.IgnoreParens());
        const auto* parameter =
            reference ? llvm::dyn_cast<clang::ParmVarDecl>(reference->getDecl()) : nullptr;
        if (!parameter)
            return false;
        if (says_timeout(name_of(parameter->getDeclName())))
            return true;
        const scope::frame* around = at.where.innermost();
        return around && around->function && waits(name_of(around->function->getDeclName()));
    }

    // Whether a temporary will do. Known waits look at their argument and do not keep it.
    static bool by_value(const called& call, unsigned index, const clang::Expr& passed,
                         const clang::Expr& written, bool looks_only) {
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
        // A prvalue, or a conversion to another duration, is a temporary already.
        return looks_only || written.isPRValue() || llvm::isa<clang::MaterializeTemporaryExpr>(passed);
    }

    const rule_info& info_;
};

}  // namespace

std::unique_ptr<rule> make_timeout_rule(const rule_info& info) {
    return std::make_unique<timeout_rule>(info);
}

}  // namespace squall::rewrite
