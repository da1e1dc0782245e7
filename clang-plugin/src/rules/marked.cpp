// skip and sometimes: do what an annotation asks for.
//
// [[squall::skip]] on a statement in a block puts `if (!::squall::fire(site))` ahead of it; whoever writes
// the annotation says that it may be left out. [[squall::sometimes("name")]] on a function or statement puts
// `::squall::sometimes(site);` there: an assertion that some run of a campaign reaches it.
#include "core/annotations.h"
#include "core/edits.h"
#include "rules/rules.h"

#include <clang/AST/Decl.h>
#include <clang/AST/Stmt.h>

namespace squall::rewrite {
namespace {

constexpr const char* elsewhere = "annotated statement stands in no block";

class skip_rule : public rule {
public:
    explicit skip_rule(const rule_info& info) : info_(info) {}

    void annotated(const clang::Stmt& s, const statement_note& note, context& at) override {
        if (!note.skip)
            return;
        const std::string text = at.edit.written(s.getSourceRange());
        at.edit.before(info_, s, {text, text, "it is annotated"}, "if (!::squall::fire(::@.head)) ");
    }
    void annotated_elsewhere(const clang::Stmt& s, const statement_note& note, context& at) override {
        if (note.skip)
            at.edit.skip(info_, s.getBeginLoc(), elsewhere);
    }

private:
    const rule_info& info_;
};

class sometimes_rule : public rule {
public:
    explicit sometimes_rule(const rule_info& info) : info_(info) {}

    void function(const function_view& f, context& at) override {
        const clang::AnnotateAttr* annotation = annotation_of(f.declaration, annotations::sometimes);
        if (!annotation)
            return;
        const std::string name = string_argument(*annotation, 0);
        if (!name.empty())
            at.edit.enter(info_, f.body, {name, name, "it is annotated"}, std::string(" ") + mark);
    }
    void annotated(const clang::Stmt& s, const statement_note& note, context& at) override {
        if (!note.sometimes.empty())
            at.edit.before(info_, s, {note.sometimes, note.sometimes, "it is annotated"}, mark);
    }
    void annotated_elsewhere(const clang::Stmt& s, const statement_note& note, context& at) override {
        if (!note.sometimes.empty())
            at.edit.skip(info_, s.getBeginLoc(), elsewhere);
    }

private:
    static constexpr const char* mark = "::squall::sometimes(::@.head); ";
    const rule_info& info_;
};

}  // namespace

std::unique_ptr<rule> make_skip_rule(const rule_info& info) {
    return std::make_unique<skip_rule>(info);
}
std::unique_ptr<rule> make_sometimes_rule(const rule_info& info) {
    return std::make_unique<sometimes_rule>(info);
}

}  // namespace squall::rewrite
