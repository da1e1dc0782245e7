// timeout: changes durations that arm timers.
//
// Looks for arguments of type std::chrono::duration in calls that are known to wait (expires_after, wait_for,
// sleep_for, ...), in the construction of timers, and wherever the parameter's name says timeout, deadline,
// delay, interval, ttl, period or backoff; and for integers whose name says that and the unit
// (time_counts.h). Wraps the argument or value E as `::squall::duration(site, E)` or
// `::squall::duration_count<T>(site, E)`. Safe because the result has the type of E or of what E becomes; and
// where the callee might keep a reference to E, nothing is done.
#include "core/edits.h"
#include "rules/calls.h"
#include "rules/names.h"
#include "rules/rules.h"
#include "rules/time_counts.h"
#include "rules/types.h"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/ExprCXX.h>
#include <llvm/ADT/DenseSet.h>

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

    void value(const clang::ValueDecl& variable, const clang::Expr& value, context& at) override {
        const clang::Expr& written = *value.IgnoreUnlessSpelledInSource();
        const time_count count = time_count_of(variable, written, at.ast);
        const std::string name(name_of(&variable));
        change(count, name + '=', name + " = ", written, "", at);
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
            return integer(call, index, at);
        }
        const bool arms_timer = call.constructs && timer_class(call.name);
        if (!known_wait && !arms_timer && !parameter_says(call, index, &says_timeout))
            return;
        if (llvm::isa<clang::PackExpansionExpr>(written)) {
            at.edit.skip(info_, written.getBeginLoc(), "expanded argument");
            return;
        }
        if (passed_on(written, at)) {
            at.edit.skip(info_, written.getBeginLoc(), "parameter passed on");
            return;
        }
        if (!takes_temporary(call, index, written, known_wait || arms_timer)) {
            at.edit.skip(info_, written.getBeginLoc(), "reference may be kept or written to");
            return;
        }
        const std::string text = at.edit.written(written.getSourceRange());
        if (at.edit.wrap(info_, written,
                         {std::string(call.name) + '#' + std::to_string(index) + ':' + text,
                          std::string(call.name) + '(' + text + ')',
                          known_wait   ? "the function is known to wait that long"
                          : arms_timer ? "it arms a timer"
                                       : "the parameter's name says so"},
                         "::squall::duration(::@.head, ", ")"))
            note_changed(written);
    }

    void integer(const called& call, unsigned index, context& at) {
        const std::string name(call.name);
        change(time_count_of(call, index, at.ast), name + '#' + std::to_string(index) + ':', name + '(',
               *call.arguments[index]->IgnoreUnlessSpelledInSource(), ")", at);
    }

    void change(const time_count& count, const std::string& anchor, const std::string& before,
                const clang::Expr& written, const char* after, context& at) {
        if (count.refusal)
            at.edit.skip(info_, written.getBeginLoc(), count.refusal);
        if (!count.found)
            return;
        if (changed_.contains(&written)) {
            at.edit.skip(info_, written.getBeginLoc(), "part of what is changed");
            return;
        }
        const std::string text = at.edit.written(written.getSourceRange());
        if (at.edit.wrap(info_, written,
                         {anchor + text, before + text + after,
                          "a name says that it limits or spaces something, and in which unit"},
                         "::squall::duration_count<" + count.type + ">(::@.head, ", ")"))
            note_changed(written);
    }

    // milliseconds(timeout_ms) is changed as a whole or not at all.
    void note_changed(const clang::Stmt& s) {
        changed_.insert(&s);
        for (const clang::Stmt* child : s.children())
            if (child)
                note_changed(*child);
    }

    static bool timer_class(std::string_view name) {
        const std::vector<std::string> words = words_of(name);
        return std::ranges::find(words, "timer") != words.end();
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

    const rule_info& info_;
    llvm::DenseSet<const clang::Stmt*> changed_;  // looked up only, never walked
};

}  // namespace

std::unique_ptr<rule> make_timeout_rule(const rule_info& info) {
    return std::make_unique<timeout_rule>(info);
}

}  // namespace squall::rewrite
