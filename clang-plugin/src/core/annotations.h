// The annotations [[squall::...]], as the syntax tree holds them.
//
// On declarations they are Clang's own annotate attribute, so that [[clang::annotate("squall::fallible")]] is
// the same. Clang 19 lets a plugin's attributes on statements leave nothing in the tree; those are noted
// aside.
#ifndef SQUALL_REWRITE_ANNOTATIONS_H
#define SQUALL_REWRITE_ANNOTATIONS_H

#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <llvm/ADT/DenseMap.h>

#include <string>

namespace squall::rewrite {

namespace annotations {
constexpr const char* fallible = "squall::fallible";  // a function; the failure value may follow
constexpr const char* knob = "squall::knob";          // a variable or member: lowest and highest value
constexpr const char* skip = "squall::skip";          // a statement that may be left out
constexpr const char* delay = "squall::delay";        // a function or statement before which to stand still
constexpr const char* sometimes =
    "squall::sometimes";  // a function or statement that some run must reach: its name
constexpr const char* ignore = "squall::ignore";  // a declaration, or as `[[squall::ignore]];` the file
}  // namespace annotations

struct statement_note {
    bool skip = false;
    bool delay = false;
    std::string sometimes;  // the name; empty: not annotated so
};

// What statements are annotated with. A consumer of a parse that is this as well is handed the notes.
class statement_notes {
public:
    virtual ~statement_notes() = default;
    statement_note& at(const clang::Stmt& statement) { return notes_[&statement]; }
    const statement_note* find(const clang::Stmt& statement) const {
        const auto it = notes_.find(&statement);
        return it == notes_.end() ? nullptr : &it->second;
    }
    bool empty() const { return notes_.empty(); }

private:
    llvm::DenseMap<const clang::Stmt*, statement_note> notes_;  // looked up only, never walked
};

// Of a function, on any of its declarations. Null if there is none.
const clang::AnnotateAttr* annotation_of(const clang::Decl& declaration, llvm::StringRef which);

// Of an argument that is a literal; empty if it is none.
std::string string_argument(const clang::AnnotateAttr& annotation, unsigned index);

// The expression as it is written in a file, be it in a macro's argument; empty if it is not one piece of
// one.
std::string source_text(const clang::Expr& e, const clang::ASTContext& ast);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_ANNOTATIONS_H
