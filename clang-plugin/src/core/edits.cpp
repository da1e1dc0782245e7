// Whether an edit may be made, and where exactly.
#include "core/edits.h"

#include "core/identity.h"

#include <clang/AST/Expr.h>
#include <clang/AST/Stmt.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>

namespace squall::rewrite {
namespace {

// A wrap whose two ends stand in different branches of an #if would leave half of itself behind.
bool holds_directive(llvm::StringRef text) {
    for (std::size_t end = text.find('\n'); end != llvm::StringRef::npos; end = text.find('\n', end + 1)) {
        llvm::StringRef line = text.substr(end + 1).ltrim(" \t\v\f");
        if (line.starts_with("#") || line.starts_with("%:") || line.starts_with("?\?="))
            return true;
    }
    return false;
}

}  // namespace

std::optional<unsigned> edits::file_of(clang::SourceLocation where) {
    if (where.isInvalid())
        return std::nullopt;
    const clang::SourceManager& sources = ast_.getSourceManager();
    const clang::FileID id = sources.getFileID(sources.getExpansionLoc(where));
    auto [it, added] = file_ids_.try_emplace(id);
    if (added)
        if (auto entry = sources.getFileEntryRefForID(id))
            it->second = files_.find(entry->getUniqueID());
    return it->second;
}

std::optional<place> edits::place_of(clang::SourceLocation where) {
    const auto file = file_of(where);
    if (!file)
        return std::nullopt;
    const clang::SourceManager& sources = ast_.getSourceManager();
    return place{*file, sources.getFileOffset(sources.getExpansionLoc(where))};
}

bool edits::skip(const rule_info& rule, clang::SourceLocation where, const char* reason) {
    if (const auto at = place_of(where))
        findings_.skips.insert({&rule, *at, reason});
    return false;
}

void edits::saw_body(const clang::CompoundStmt& block) {
    if (block.getLBracLoc().isMacroID())
        return;
    if (const auto at = place_of(block.getLBracLoc()))
        findings_.bodies.insert(*at);
}

const settings* edits::settings_at(clang::SourceLocation where) {
    const auto file = file_of(where);
    return file ? files_.settings_of(*file) : nullptr;
}

std::string edits::written(clang::SourceRange range) const {
    return without_space(clang::Lexer::getSourceText(clang::CharSourceRange::getTokenRange(range),
                                                     ast_.getSourceManager(), ast_.getLangOpts()));
}

std::optional<place> edits::plain(const rule_info& rule, clang::SourceLocation where) {
    if (where.isInvalid())
        return std::nullopt;
    if (where.isMacroID()) {
        // Even an argument, which stands in the file, may be expanded twice, made a string or never
        // evaluated.
        const bool argument = ast_.getSourceManager().isMacroArgExpansion(where);
        skip(rule, where, argument ? "macro argument" : "macro body");
        return std::nullopt;
    }
    return place_of(where);
}

void edits::add(const rule_info& rule, place at, clang::SourceLocation where, words about,
                std::vector<insertion> texts) {
    const clang::SourceManager& sources = ast_.getSourceManager();
    const clang::PresumedLoc presumed = sources.getPresumedLoc(where);
    site made;
    made.rule = &rule;
    made.at = at;
    made.path = files_.path(at.file);
    made.line = sources.getSpellingLineNumber(where);
    made.column = sources.getSpellingColumnNumber(where);
    if (presumed.isValid()) {
        made.line = presumed.getLine();
        // A #line directive names the file that people edit.
        const auto entry = sources.getFileEntryRefForID(sources.getFileID(where));
        if (entry && presumed.getFilename() != entry->getName())
            made.path = presumed.getFilename();
    }
    if (const scope::frame* frame = where_.innermost()) {
        made.owner = frame->owner;
        made.function = frame->name;
    } else {
        made.owner = files_.path(at.file);
    }
    if (const settings* says = files_.settings_of(at.file))
        if (const auto chance = says->firing.find(&rule); chance != says->firing.end())
            made.firing = chance->second;
    if (about.variable) {
        const clang::NamedDecl& variable = *about.variable;
        const clang::SourceLocation declared = sources.getExpansionLoc(variable.getLocation());
        const auto file = file_of(declared);
        made.of_variable = true;
        made.owner = owner_key(variable, file ? files_.path(*file) : std::string());
        made.function.clear();
        if (file) {
            made.path = files_.path(*file);
            made.line = sources.getSpellingLineNumber(declared);
        }
    }
    made.anchor = std::move(about.anchor);
    made.detail = std::move(about.detail);
    made.evidence = std::move(about.evidence);
    made.edits = std::move(texts);
    findings_.sites.push_back(std::move(made));
}

bool edits::enter(const rule_info& rule, const clang::CompoundStmt& block, words about, std::string text) {
    const clang::SourceLocation brace = block.getLBracLoc();
    if (const char* reason = where_.no_site())
        return skip(rule, brace, reason);
    const auto at = plain(rule, brace);
    if (!at)
        return false;
    // Not one byte on: <% is a brace too.
    const unsigned after =
        at->offset + clang::Lexer::MeasureTokenLength(brace, ast_.getSourceManager(), ast_.getLangOpts());
    add(rule, *at, brace, std::move(about), {{after, insertion::role::entry, after, std::move(text)}});
    return true;
}

bool edits::wrap(const rule_info& rule, const clang::Expr& expression, words about, std::string before,
                 std::string after) {
    const clang::SourceLocation begin = expression.getBeginLoc();
    if (const char* reason = where_.no_site())
        return skip(rule, begin, reason);
    const auto first = plain(rule, begin);
    const auto last = plain(rule, expression.getEndLoc());
    if (!first || !last)
        return false;
    const clang::SourceManager& sources = ast_.getSourceManager();
    const clang::CharSourceRange range = clang::Lexer::makeFileCharRange(
        clang::CharSourceRange::getTokenRange(expression.getSourceRange()), sources, ast_.getLangOpts());
    if (range.isInvalid() || first->file != last->file)
        return skip(rule, begin, "not one piece of one file");
    if (holds_directive(clang::Lexer::getSourceText(range, sources, ast_.getLangOpts())))
        return skip(rule, begin, "preprocessor directive within");
    // Whatever the syntax tree calls it, braces are no operand.
    clang::Token token;
    if (clang::Lexer::getRawToken(begin, token, sources, ast_.getLangOpts()) || token.is(clang::tok::l_brace))
        return skip(rule, begin, "braced initialiser");
    const unsigned end = sources.getFileOffset(range.getEnd());
    add(rule, *first, begin, std::move(about),
        {{first->offset, insertion::role::opener, end, std::move(before)},
         {end, insertion::role::closer, first->offset, std::move(after)}});
    return true;
}

bool edits::before(const rule_info& rule, const clang::Stmt& statement, words about, std::string text) {
    const clang::SourceLocation begin = statement.getBeginLoc();
    if (const char* reason = where_.no_site())
        return skip(rule, begin, reason);
    const auto at = plain(rule, begin);
    if (!at)
        return false;
    add(rule, *at, begin, std::move(about),
        {{at->offset, insertion::role::entry, at->offset, std::move(text)}});
    return true;
}

bool edits::extend(const rule_info& rule, const clang::Expr& condition, words about, std::string before,
                   std::string after) {
    // Compilers ask for further parentheses around these, and would not ask any more.
    if (const auto* binary = llvm::dyn_cast<clang::BinaryOperator>(condition.IgnoreImplicit());
        binary && binary->isAssignmentOp())
        return skip(rule, condition.getBeginLoc(), "assignment as condition");
    // Without conversions: one to bool may be explicit and then needs a cast, except as a condition.
    const clang::QualType type = condition.IgnoreUnlessSpelledInSource()->getType();
    if (type->isDependentType() || !type->isBooleanType()) {
        before += "static_cast<bool>(";
        after.insert(0, ")");
    }
    return wrap(rule, condition, std::move(about), std::move(before), std::move(after));
}

}  // namespace squall::rewrite
