// Reads a file as tokens, without the preprocessor: what clang skips, gcc may not.
#include "driver/table_place.h"

#include <clang/Basic/LangOptions.h>
#include <clang/Lex/Lexer.h>

#include <vector>

namespace squall::rewrite {
namespace {

// The words of one directive, without the `#`; as far as anybody looks at them.
using directive = std::vector<std::string>;

class reader {
public:
    explicit reader(const std::string& text)
        : lexer_(clang::SourceLocation(), options(), text.data(), text.data(), text.data() + text.size()),
          begin_(text.data()) {
        next();
    }

    bool at_end() const { return token_.is(clang::tok::eof); }
    bool at_directive() const { return token_.is(clang::tok::hash) && token_.isAtStartOfLine(); }
    unsigned offset() {
        return static_cast<unsigned>(lexer_.getBufferLocation() - begin_) - token_.getLength();
    }
    std::string word() { return std::string(begin_ + offset(), token_.getLength()); }
    void next() { lexer_.LexFromRawLexer(token_); }
    directive take_directive() {
        directive words;
        for (next(); !at_end() && !token_.isAtStartOfLine(); next())
            if (words.size() < 3)
                words.push_back(word());
        return words;
    }

private:
    static const clang::LangOptions& options() {
        static const clang::LangOptions all = [] {
            clang::LangOptions made;
            made.CPlusPlus = made.CPlusPlus11 = made.CPlusPlus14 = made.CPlusPlus17 = made.CPlusPlus20 = true;
            made.LineComment = made.Digraphs = made.RawStringLiterals = true;
            return made;
        }();
        return all;
    }
    clang::Lexer lexer_;
    const char* begin_;
    clang::Token token_;
};

bool opens(const directive& words) {
    return !words.empty() && (words[0] == "if" || words[0] == "ifdef" || words[0] == "ifndef");
}
bool may_begin_guard(const directive& words) {
    return words.size() > 1 && (words[0] == "ifndef" || (words[0] == "if" && words[1] == "!"));
}
bool is(const directive& words, std::string_view first) {
    return !words.empty() && words[0] == first;
}

}  // namespace

std::optional<unsigned> table_place(const std::string& text, bool compiled) {
    reader in(text);
    std::optional<unsigned> found;
    bool once = false;
    bool conditional = false;  // code stood under a condition ahead of `found`
    unsigned depth = 0;
    unsigned directives = 0;
    enum class guard { none, begun, holds, closed } guarded = guard::none;
    while (!in.at_end()) {
        const bool within = guarded == guard::holds;
        if (!in.at_directive()) {
            if (guarded == guard::closed) {
                // It was none: all of this is read each time.
                guarded = guard::none;
                conditional = conditional || found;
                found.reset();
            }
            if (!found && depth > (within ? 1u : 0u))
                conditional = true;
            else if (!found && !conditional && in.word() != "module" && in.word() != "export")
                found = in.offset();
            else if (!found)
                return std::nullopt;
            in.next();
            continue;
        }
        const directive words = in.take_directive();
        ++directives;
        once = once || (depth == 0 && words.size() == 2 && words[0] == "pragma" && words[1] == "once");
        if (guarded == guard::begun)
            guarded = is(words, "define") ? guard::holds : guard::none;
        if (directives == 1 && !found && may_begin_guard(words))
            guarded = guard::begun;
        if (opens(words)) {
            ++depth;
        } else if (is(words, "endif")) {
            depth -= depth > 0 ? 1 : 0;
            if (depth == 0 && within)
                guarded = guard::closed;
        } else if (depth == 1 && within && (is(words, "else") || words[0].starts_with("elif"))) {
            return std::nullopt;
        }
    }
    const bool met_once = compiled || once || guarded == guard::closed;
    return met_once && !conditional ? found : std::nullopt;
}

}  // namespace squall::rewrite
