// allocation: fails allocations of memory.
//
// Looks for malloc, calloc and realloc, which become `(::squall::fire(site) ? nullptr : malloc(n))`, and for
// new: with std::nothrow the same, otherwise `(..., ::squall::need_memory(site), new T)`, which throws
// std::bad_alloc. Containers allocate inside the standard library and are not reached. Programs that end when
// memory does need not be ready for any of it, hence aggressive.
#include "core/edits.h"
#include "rules/calls.h"
#include "rules/rules.h"
#include "rules/types.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/ExprCXX.h>

namespace squall::rewrite {
namespace {

class allocation_rule : public rule {
public:
    explicit allocation_rule(const rule_info& info) : info_(info) {}

    void call(const clang::Expr& e, context& at) override {
        if (const auto* allocation = llvm::dyn_cast<clang::CXXNewExpr>(&e))
            return made_by_new(*allocation, at);
        const auto call = look_at(e);
        if (!call || call->constructs || !call->resolved ||
            (call->name != "malloc" && call->name != "calloc" && call->name != "realloc"))
            return;
        if (!call->candidates.front()->isExternC())
            return;
        wrap(e, std::string(call->name), "it returns null where there is no memory", null, at);
    }

private:
    void made_by_new(const clang::CXXNewExpr& e, context& at) {
        const std::string type =
            at.edit.written(e.getAllocatedTypeSourceInfo()->getTypeLoc().getSourceRange());
        if (e.getNumPlacementArgs() == 0) {
            if (at.ast.getLangOpts().CXXExceptions)
                wrap(e, "new " + type, "it throws where there is no memory",
                     "(static_cast<void>(::squall::need_memory(::@.head)), ", at);
        } else if (e.getNumPlacementArgs() == 1 &&
                   class_name(e.getPlacementArg(0)->getType()) == "std::nothrow_t") {
            wrap(e, "new (nothrow) " + type, "it returns null where there is no memory", null, at);
        }
    }

    void wrap(const clang::Expr& e, const std::string& what, const char* why, const char* before,
              context& at) {
        at.edit.wrap(info_, e, {what, what, why}, before, ")");
    }

    static constexpr const char* null = "(::squall::fire(::@.head) ? nullptr : ";
    const rule_info& info_;
};

}  // namespace

std::unique_ptr<rule> make_allocation_rule(const rule_info& info) {
    return std::make_unique<allocation_rule>(info);
}

}  // namespace squall::rewrite
