// The set of files that grows with the parse, and the texts that come of it.
#include "driver/one_unit.h"

#include "core/site_table.h"
#include "driver/merge.h"
#include "driver/problem.h"
#include "driver/source_tree.h"

#include <clang/Basic/FileEntry.h>

#include <stdexcept>

namespace squall::rewrite {
namespace {

namespace fs = std::filesystem;

std::vector<const rule_info*> chosen_rules(const std::vector<std::string>& names) {
    try {
        return select_rules(names);
    } catch (const std::invalid_argument& unknown) {
        throw problem(unknown.what());
    }
}

}  // namespace

fs::path find_root(const fs::path& source) {
    std::error_code error;
    fs::path real = fs::canonical(source, error);
    if (error)
        real = tidy(source);
    for (fs::path around = real.parent_path(); around.has_relative_path(); around = around.parent_path())
        if (fs::exists(around / configuration_name, error) || fs::exists(around / ".git", error))
            return around;
    return real.parent_path();
}

open_project::open_project(const fs::path& root, const std::vector<std::string>& rules)
    : configured_(chosen_rules(rules), !rules.empty()) {
    std::error_code error;
    root_ = fs::canonical(root, error);
    if (error)
        throw problem("no such directory: " + root.string());
    for (const rule_info& each : all_rules())
        rules_.push_back(&each);
}

// Empty if the file is none of ours.
std::string open_project::path_in_project(const fs::path& file) {
    std::error_code error;
    const fs::path real = fs::canonical(file, error);
    if (error || !lies_in(real, root_) || left_out(real, false))
        return {};
    std::vector<fs::path> unknown;
    bool outside = false;
    for (fs::path around = real.parent_path(); around != root_; around = around.parent_path()) {
        if (const auto known = outside_.find(around); known != outside_.end()) {
            outside = known->second;
            break;
        }
        unknown.push_back(around);
    }
    while (!unknown.empty()) {
        outside = outside || left_out(unknown.back(), true);
        outside_[unknown.back()] = outside;
        unknown.pop_back();
    }
    return outside ? std::string() : real.lexically_relative(root_).generic_string();
}

bool open_project::has(const fs::path& file) {
    return !path_in_project(file).empty();
}

file_seen open_project::seen(const fs::path& directory) {
    return [this, directory](const clang::FileEntryRef& entry) {
        const fs::path name = directory / entry.getName().str();
        if (const auto known = files_.find(entry.getUniqueID())) {
            names_[*known].insert(name.lexically_normal().string());
            return;
        }
        const std::string path = path_in_project(name);
        if (path.empty())
            return;
        const unsigned file = files_.add(entry.getUniqueID(), path);
        opened_[file] = entry.getName().str();
        names_[file].insert(name.lexically_normal().string());
        try {
            configured_.add(files_, file, root_ / path);
        } catch (const problem& wrong) {
            problem_ = wrong.what();  // Clang lets no exception through
        }
    };
}

rewritten_unit open_project::finish(unit_findings findings) {
    if (!problem_.empty())
        throw problem(problem_);
    const merged_findings merged = merge({&findings, 1}, [this](const rule_info& rule, unsigned file) {
        return configured_.refusal(rule, file);
    });
    rewritten_unit unit;
    unit.sites = merged.sites.size();
    for (const fs::path& path : configured_.sources())
        unit.settings.push_back(path.string());
    std::map<unsigned, std::vector<const site*>> by_file;
    for (const site& each : merged.sites)
        by_file[each.at.file].push_back(&each);
    for (const auto& [file, sites] : by_file) {
        const fs::path original = root_ / files_.path(file);
        unit.files.push_back(
            {original.string(), opened_[file], names_[file], apply_edits(read_file(original), sites)});
    }
    if (unit.sites > 0)
        unit.site_header = whole_site_header(merged.sites);
    return unit;
}

}  // namespace squall::rewrite
