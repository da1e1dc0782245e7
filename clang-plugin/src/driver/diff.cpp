// Line n stays line n, so a diff is a comparison line by line.
#include "driver/diff.h"

#include <algorithm>
#include <cassert>
#include <string_view>
#include <vector>

namespace squall::rewrite {
namespace {

constexpr std::size_t context_lines = 3;

// Each with its newline; the last may have none.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return lines;
}

void add_line(std::string& out, char mark, std::string_view line) {
    (out += mark) += line;
    if (!line.ends_with('\n'))
        out += "\n\\ No newline at end of file\n";
}

}  // namespace

std::string unified_diff(const std::string& path, const std::string& before, const std::string& after) {
    const auto a = lines_of(before);
    const auto b = lines_of(after);
    assert(a.size() == b.size());
    std::string out;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] == b[i])
            continue;
        // A hunk goes on while the next change is near enough to share context.
        const std::size_t begin = i < context_lines ? 0 : i - context_lines;
        std::size_t last = i;
        for (std::size_t j = i + 1; j < a.size() && j <= last + 2 * context_lines; ++j)
            if (a[j] != b[j])
                last = j;
        const std::size_t end = std::min(a.size(), last + context_lines + 1);
        if (out.empty()) {
            out.append("diff --git a/").append(path).append(" b/").append(path);
            out.append("\n--- a/").append(path).append("\n+++ b/").append(path).append("\n");
        }
        const std::string where = std::to_string(begin + 1) + ',' + std::to_string(end - begin);
        out.append("@@ -").append(where).append(" +").append(where).append(" @@\n");
        for (std::size_t j = begin; j < end;) {
            if (a[j] == b[j]) {
                add_line(out, ' ', a[j++]);
                continue;
            }
            std::size_t changed = j;
            while (changed < end && a[changed] != b[changed])
                ++changed;
            for (std::size_t k = j; k < changed; ++k)
                add_line(out, '-', a[k]);
            for (std::size_t k = j; k < changed; ++k)
                add_line(out, '+', b[k]);
            j = changed;
        }
        i = end - 1;
    }
    return out;
}

}  // namespace squall::rewrite
