// Finds the words in comments.
#include "lint/suppressions.h"

#include <algorithm>
#include <limits>

namespace squall::rewrite {
namespace {

// The patterns in the parentheses that `rest` begins with.
std::vector<std::string> patterns_of(std::string_view rest) {
    std::vector<std::string> patterns;
    const std::size_t end = rest.find(')');
    if (!rest.starts_with('(') || end == std::string_view::npos)
        return patterns;
    rest = rest.substr(1, end - 1);
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        std::string word(rest.substr(0, comma));
        std::erase(word, ' ');
        if (!word.empty())
            patterns.push_back(std::move(word));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    if (patterns.empty())
        patterns.emplace_back();  // NOLINT() is about nothing
    return patterns;
}

}  // namespace

suppressions::suppressions(std::string_view text) {
    unsigned line = 1;
    std::vector<area> open;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view rest = text.substr(0, end);
        const std::size_t comment = std::min(rest.find("//"), rest.find("/*"));
        const std::size_t word = comment == std::string_view::npos ? comment : rest.find("NOLINT", comment);
        if (word != std::string_view::npos) {
            rest.remove_prefix(word + 6);
            auto takes = [&](std::string_view prefix) {
                const bool is = rest.starts_with(prefix);
                rest.remove_prefix(is ? prefix.size() : 0);
                return is;
            };
            if (takes("NEXTLINE"))
                areas_.push_back({line + 1, line + 1, patterns_of(rest)});
            else if (takes("BEGIN"))
                open.push_back({line, std::numeric_limits<unsigned>::max(), patterns_of(rest)});
            else if (takes("END"))
                // The innermost that begins so.
                for (std::size_t i = open.size(); i-- > 0;) {
                    if (open[i].patterns != patterns_of(rest))
                        continue;
                    areas_.push_back({open[i].first, line, open[i].patterns});
                    open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
                    break;
                }
            else
                areas_.push_back({line, line, patterns_of(rest)});
        }
        text.remove_prefix(std::min(end + 1, text.size()));
        ++line;
    }
    // One that has no end holds to the end of the file.
    areas_.insert(areas_.end(), open.begin(), open.end());
}

bool suppressions::covers(const lint_check& check, unsigned line) const {
    return std::ranges::any_of(areas_, [&](const area& each) {
        return each.first <= line && line <= each.last &&
               (each.patterns.empty() || std::ranges::any_of(each.patterns, [&](const std::string& pattern) {
                    return is_meant(check, pattern);
                }));
    });
}

}  // namespace squall::rewrite
