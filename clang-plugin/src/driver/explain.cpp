// Looks up what the rules said.
#include "driver/explain.h"

#include "core/identity.h"
#include "driver/problem.h"
#include "rules/rules.h"

#include <algorithm>
#include <charconv>

namespace squall::rewrite {
namespace {

std::string quoted_id(std::string_view id) {
    return "'" + std::string(id) + "'";
}

// The texts that go in, with the code between them left out and the site's name short.
std::string inserted(const site& s) {
    std::string text;
    for (const insertion& each : s.edits) {
        if (!text.empty())
            text += " ...";
        for (char c : each.text)
            text += c == site_mark ? std::string("site") : std::string(1, c);
    }
    return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

}  // namespace

std::string explain_site(const merged_findings& merged, std::string_view id) {
    const site* found = nullptr;
    for (const site& each : merged.sites) {
        if (id.empty() || !hex(each.id).starts_with(id))
            continue;
        if (found && found->id == each.id)  // the places of one variable
            continue;
        if (found)
            throw problem("several sites have an id that begins with " + quoted_id(id));
        found = &each;
    }
    if (!found)
        throw problem("no site has the id " + quoted_id(id) + " (squall instrument --out writes them to " +
                      sites_json_name + ")");
    return "site " + hex(found->id) + "\n  rule     " + std::string(found->rule->name) + ": " +
           std::string(found->rule->summary) + "\n  place    " + found->path + ':' +
           std::to_string(found->line) + ':' + std::to_string(found->column) +
           (found->function.empty() ? "" : ", in " + found->function) + "\n  inserts  " + inserted(*found) +
           "\n  because  " + found->evidence + '\n';
}

std::string explain_line(const merged_findings& merged, const source_tree& tree, std::string_view where) {
    const std::size_t colon = where.rfind(':');
    unsigned line = 0;
    if (colon != std::string_view::npos)
        std::from_chars(where.data() + colon + 1, where.data() + where.size(), line);
    if (line == 0)
        throw problem("--why-not needs FILE:LINE and not " + quoted_id(where));
    const std::filesystem::path path = tidy(std::string(where.substr(0, colon)));
    const auto entry = std::ranges::find_if(tree.entries, [&](const tree_entry& each) {
        return each.kind == tree_entry::type::file && tree.original(each) == path;
    });
    if (entry == tree.entries.end())
        throw problem(path.string() + " is not among the files to instrument");

    const std::string text = read_file(path);
    auto line_of = [&](const place& at) {
        return 1 +
               std::count(text.begin(), text.begin() + std::min<std::size_t>(at.offset, text.size()), '\n');
    };
    auto here = [&](const place& at) { return at.file == entry->file && line_of(at) == line; };
    std::string answer;
    for (const skip& each : merged.skipped)
        if (here(each.at))
            answer += "  " + std::string(each.rule->name) + ": passed over, " + each.reason + '\n';
    for (const site& each : merged.sites)
        if (here(each.at))
            answer += "  " + std::string(each.rule->name) + ": there is site " + hex(each.id) + ", since " +
                      each.evidence + '\n';
    if (answer.empty())
        answer =
            "  no rule saw anything to touch; no function, branch, or time to wait begins here, or "
            "nothing says that it can fail\n";
    return entry->path + ':' + std::to_string(line) + '\n' + answer;
}

}  // namespace squall::rewrite
