// short-io: reads and writes fewer bytes than asked for.
//
// Looks for the byte count of the system calls that may transfer less (read, write, recv, send, pread,
// pwrite, sendfile), the number of buffers of readv, writev, preadv and pwritev, and the buffer of Asio's
// read_some, write_some and their asynchronous forms. Wraps the count as
// `::squall::fewer<unsigned long>(site, N)` and the buffer as `::squall::fewer_bytes(site, B)`. Safe because
// a stream may give and take fewer bytes at any time; what cannot (an eventfd's 8 bytes, one byte) stays
// whole.
#include "core/edits.h"
#include "rules/calls.h"
#include "rules/integers.h"
#include "rules/names.h"
#include "rules/rules.h"
#include "rules/types.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/ExprCXX.h>

#include <algorithm>
#include <array>

namespace squall::rewrite {
namespace {

struct system_call {
    std::string_view name;
    unsigned count;  // the argument that says how much
};
constexpr std::array<system_call, 14> system_calls{{{"read", 2},
                                                    {"write", 2},
                                                    {"recv", 2},
                                                    {"send", 2},
                                                    {"pread", 2},
                                                    {"pwrite", 2},
                                                    {"pread64", 2},
                                                    {"pwrite64", 2},
                                                    {"readv", 2},
                                                    {"writev", 2},
                                                    {"preadv", 2},
                                                    {"pwritev", 2},
                                                    {"sendfile", 3},
                                                    {"sendfile64", 3}}};
constexpr std::array<std::string_view, 4> stream_calls{"read_some", "write_some", "async_read_some",
                                                       "async_write_some"};

bool is_buffer(clang::QualType type) {
    const std::string name = class_name(type);
    return name.ends_with("asio::mutable_buffer") || name.ends_with("asio::const_buffer") ||
           name.ends_with("asio::mutable_buffers_1") || name.ends_with("asio::const_buffers_1");
}

class short_io_rule : public rule {
public:
    explicit short_io_rule(const rule_info& info) : info_(info) {}

    void call(const clang::Expr& e, context& at) override {
        const auto call = look_at(e);
        if (!call || call->constructs || call->arguments.empty())
            return;
        if (std::ranges::find(stream_calls, call->name) != stream_calls.end())
            return stream(*call, at);
        const auto known = std::ranges::find(system_calls, call->name, &system_call::name);
        if (known == system_calls.end() || !call->resolved || call->arguments.size() <= known->count)
            return;
        // The C library's, not a member or function of the same name.
        const clang::FunctionDecl& callee = *call->candidates.front();
        if (!callee.isExternC() || !callee.getDeclContext()->getRedeclContext()->isTranslationUnit())
            return;
        count(*call, known->count, at);
    }

private:
    void count(const called& call, unsigned which, context& at) {
        const clang::Expr& written = *call.arguments[which]->IgnoreUnlessSpelledInSource();
        if (const auto value = constant_value(written, at.ast); value && *value <= 1)
            return;
        if (whole(written, at.ast)) {
            at.edit.skip(info_, written.getBeginLoc(),
                         "8 bytes of an integer, which go at once or not at all");
            return;
        }
        const std::string text = at.edit.written(written.getSourceRange());
        const clang::QualType type = call.candidates.front()->getParamDecl(which)->getType();
        at.edit.wrap(info_, written,
                     {std::string(call.name) + ':' + text, std::string(call.name) + '(' + text + ')',
                      "the system call may transfer fewer bytes"},
                     "::squall::fewer<" + spelled(type, at.ast) + ">(::@.head, ", ")");
    }

    void stream(const called& call, context& at) {
        const clang::Expr& written = *call.arguments[0]->IgnoreUnlessSpelledInSource();
        if (written.isTypeDependent() || !is_buffer(written.getType()))
            return;
        const std::string text = at.edit.written(written.getSourceRange());
        at.edit.wrap(info_, written,
                     {std::string(call.name) + ':' + text, std::string(call.name) + '(' + text + ')',
                      "the stream may transfer fewer bytes"},
                     "::squall::fewer_bytes(::@.head, ", ")");
    }

    // eventfd, timerfd and their like speak in integers of 64 bits.
    static bool whole(const clang::Expr& written, const clang::ASTContext& ast) {
        const auto value = constant_value(written, ast);
        if (!value || *value != 8)
            return false;
        const auto* size = llvm::dyn_cast<clang::UnaryExprOrTypeTraitExpr>(written.IgnoreParenImpCasts());
        return size || llvm::isa<clang::IntegerLiteral>(written.IgnoreParenImpCasts());
    }

    const rule_info& info_;
};

}  // namespace

std::unique_ptr<rule> make_short_io_rule(const rule_info& info) {
    return std::make_unique<short_io_rule>(info);
}

}  // namespace squall::rewrite
