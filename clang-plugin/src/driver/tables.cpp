// Requests and tables.
#include "driver/tables.h"

#include "core/site_table.h"
#include "driver/problem.h"
#include "driver/table_place.h"

#include <algorithm>

namespace squall::rewrite {

site_tables::site_tables(const source_tree& tree, std::span<const site> sites, std::span<const unit> units,
                         std::span<const unit_findings> findings)
    : tree_(tree),
      sites_(sites) {
    std::map<std::string, unsigned> numbers;
    for (unsigned file = 0; file < tree.files.size(); ++file)
        numbers[tree.files.path(file)] = file;
    std::set<unsigned> enclosed;
    for (std::size_t i = 0; i < units.size(); ++i) {
        enclosed.insert(findings[i].enclosed.begin(), findings[i].enclosed.end());
        files_of_units_[units[i].path].insert(findings[i].entered.begin(), findings[i].entered.end());
        compiled_.insert(numbers.at(units[i].path));
    }
    for (auto first = sites.begin(); first != sites.end();) {
        const unsigned file = first->at.file;
        const auto last = std::find_if(first, sites.end(), [&](const site& s) { return s.at.file != file; });
        const std::span<const site> here(first, last);
        first = last;
        if (enclosed.contains(file))
            continue;
        const auto offset =
            table_place(read_file(tree.root / tree.files.path(file)), compiled_.contains(file));
        if (!offset || std::ranges::any_of(here, [&](const site& s) { return s.at.offset < *offset; }))
            continue;
        if (const std::string macro = table_name(here); !macro.empty())
            own_[file] = {*offset, macro};
    }
}

void site_tables::add_request(unsigned file, std::string& text) const {
    if (const auto found = own_.find(file); found != own_.end())
        text.insert(found->second.offset, found->second.macro + ' ');
}

std::string site_tables::text(const std::set<unsigned>* files, const std::string& hooks) const {
    std::set<unsigned> requested;
    for (const auto& [file, table] : own_)
        requested.insert(file);
    return site_header(sites_, requested, files, hooks);
}

std::string site_tables::whole() const {
    return text(nullptr, "squall/site.h");
}

std::map<std::string, std::string> site_tables::parts() const {
    std::map<std::string, std::string> made;
    std::set<unsigned> headers;
    for (unsigned file = 0; file < tree_.files.size(); ++file)
        if (!compiled_.contains(file))
            headers.insert(file);
    made["squall/headers.h"] = text(&headers, "site.h");
    for (const auto& [path, files] : files_of_units_) {
        std::string up = "../";
        for (char c : path)
            up += c == '/' ? "../" : "";
        made["squall/tables/" + path + ".h"] = text(&files, up + "site.h");
    }
    return made;
}

}  // namespace squall::rewrite
