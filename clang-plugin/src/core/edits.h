// The three edits that rules are made of.
//
// Each inserts text on an existing line, next to a token that stands in the file itself: no token is deleted,
// none moves to another line. Whether an edit may be made is decided here and not in the rules; what may not
// is counted with its reason.
#ifndef SQUALL_REWRITE_EDITS_H
#define SQUALL_REWRITE_EDITS_H

#include "core/model.h"
#include "core/scope.h"

#include <clang/AST/ASTContext.h>
#include <clang/Basic/SourceLocation.h>
#include <llvm/ADT/DenseMap.h>

#include <optional>
#include <string>

namespace squall::rewrite {

class edits {
public:
    // What a site says of itself beyond its place.
    struct words {
        std::string anchor;
        std::string detail;
        std::string evidence = {};  // a clause: "the parameter's name says so"
        // Not null: all places with this variable are one site, told by the variable and not by the place.
        const clang::NamedDecl* variable = nullptr;
    };

    edits(const clang::ASTContext& ast, const file_set& files, const scope& where, unit_findings& findings)
        : ast_(ast),
          files_(files),
          where_(where),
          findings_(findings) {}

    // In all texts, site_mark stands for the name of the site's record. All return whether the edit was made.

    // Puts `text` after the opening brace.
    bool enter(const rule_info& rule, const clang::CompoundStmt& block, words about, std::string text);
    // Puts the expression between `before` and `after`.
    bool wrap(const rule_info& rule, const clang::Expr& expression, words about, std::string before,
              std::string after);
    // Puts the condition, as a bool, between `before` and `after`.
    bool extend(const rule_info& rule, const clang::Expr& condition, words about, std::string before,
                std::string after);

    // Puts `text` ahead of a statement, which must stand in a block.
    bool before(const rule_info& rule, const clang::Stmt& statement, words about, std::string text);

    // Counts something as passed over. Returns false, which a caller may hand on.
    bool skip(const rule_info& rule, clang::SourceLocation where, const char* reason);

    // Notes that error-return was asked about this body, whatever came of it.
    void saw_body(const clang::CompoundStmt& block);

    // The file of the set that the location stands in, if any.
    std::optional<unsigned> file_of(clang::SourceLocation where);
    // What a .squall.yaml says for the file of the location, if any.
    const settings* settings_at(clang::SourceLocation where);
    // The text as written, without white space; empty if it is not one piece of one file.
    std::string written(clang::SourceRange range) const;

private:
    std::optional<place> place_of(clang::SourceLocation where);
    // Where the token stands, if it stands in a file of the set itself and not in a macro.
    std::optional<place> plain(const rule_info& rule, clang::SourceLocation where);
    void add(const rule_info& rule, place at, clang::SourceLocation where, words about,
             std::vector<insertion> texts);

    const clang::ASTContext& ast_;
    const file_set& files_;
    const scope& where_;
    unit_findings& findings_;
    llvm::DenseMap<clang::FileID, std::optional<unsigned>> file_ids_;
};

// What a rule is handed along with the code it looks at.
class context {
public:
    const scope& where;
    edits& edit;
    clang::ASTContext& ast;
};

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_EDITS_H
