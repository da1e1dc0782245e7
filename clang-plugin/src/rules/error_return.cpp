// error-return: makes functions that can fail return their failure.
//
// Looks for functions that have a failure (function_failure.h). Inserts `if (::squall::fire(site)) { return
// V; }` at the start of the body, or co_return. Safe because callers meet no value that they could not meet
// before, and nothing has happened yet when it is returned.
#include "core/edits.h"
#include "rules/function_failure.h"
#include "rules/rules.h"

#include <clang/AST/Stmt.h>

namespace squall::rewrite {
namespace {

class error_return_rule : public rule {
public:
    explicit error_return_rule(const rule_info& info) : info_(info) {}

    void function(const function_view& f, context& at) override {
        at.edit.saw_body(f.body);
        const function_failure failure = failure_of(f, at);
        if (failure.refusal) {
            if (failure.asked)
                at.edit.skip(info_, f.body.getLBracLoc(), failure.refusal);
            return;
        }
        if (f.deduced) {
            at.edit.skip(info_, f.body.getLBracLoc(), "deduced return type");
            return;
        }
        std::string leave = f.coroutine ? "co_return" : "return";
        if (!failure.value.empty())
            leave += ' ' + failure.value;
        at.edit.enter(info_, f.body,
                      {"", failure.type->isVoidType() ? failure.set + leave : leave, failure.because},
                      " if (::squall::fire(::@.head)) { " + failure.set + leave + "; }");
    }

private:
    const rule_info& info_;
};

}  // namespace

std::unique_ptr<rule> make_error_return_rule(const rule_info& info) {
    return std::make_unique<error_return_rule>(info);
}

}  // namespace squall::rewrite
