// One translation unit by itself: what `squall cc` and the plugin do, who never see the tree.
#ifndef SQUALL_REWRITE_ONE_UNIT_H
#define SQUALL_REWRITE_ONE_UNIT_H

#include "core/model.h"
#include "driver/configuration.h"
#include "driver/parse.h"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace squall::rewrite {

struct rewritten_unit {
    struct file {
        std::string original;
        std::string opened;  // the name by which the parse first met it, as written
        // Absolute ones under which the parse met it, without . and .. whatever symbolic links there are: as
        // Clang's overlays look names up.
        std::set<std::string> names;
        std::string text;
    };
    std::vector<file> files;  // those that have sites
    std::string site_header;  // the table of this unit's sites, complete with the hooks
    std::size_t sites = 0;
    std::vector<std::string> settings;  // the .squall.yaml files that had a say
};

// The root of the project that `source` belongs to: the nearest directory upwards that has a .squall.yaml or
// is kept by git, else the one that the source stands in.
std::filesystem::path find_root(const std::filesystem::path& source);

// What of a translation unit may be rewritten: all files below a root that read_tree() would take too.
// Which those are it learns as the parse meets them.
class open_project {
public:
    // `rules` as for instrument_options. Throws problem for an unknown one.
    open_project(const std::filesystem::path& root, const std::vector<std::string>& rules);
    open_project(const open_project&) = delete;
    open_project& operator=(const open_project&) = delete;

    const std::filesystem::path& root() const { return root_; }
    // Whether the file may be rewritten.
    bool has(const std::filesystem::path& file);

    // For the parse: all rules have a look, since which of them are on is known only when all files are.
    const file_set& files() const { return files_; }
    std::span<const rule_info* const> rules() const { return rules_; }
    file_seen seen(const std::filesystem::path& directory);  // that relative names start from

    // The texts; to be called when the parse is over. Throws problem for a .squall.yaml that is wrong.
    rewritten_unit finish(unit_findings findings);

private:
    std::string path_in_project(const std::filesystem::path& file);

    std::filesystem::path root_;
    std::vector<const rule_info*> rules_;
    configuration configured_;
    file_set files_;
    std::map<std::filesystem::path, bool> outside_;  // directories below the root: whether they are left out
    std::map<unsigned, std::set<std::string>> names_;
    std::map<unsigned, std::string> opened_;
    std::string problem_;
};

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_ONE_UNIT_H
