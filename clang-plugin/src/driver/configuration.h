// .squall.yaml: which rules hold where, what is left alone, and failure values that only the project knows.
#ifndef SQUALL_REWRITE_CONFIGURATION_H
#define SQUALL_REWRITE_CONFIGURATION_H

#include "core/settings.h"
#include "driver/source_tree.h"

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <vector>

namespace squall::rewrite {

constexpr const char* configuration_name = ".squall.yaml";

class configuration {
public:
    // `chosen` are the rules of the command line and `by_user` whether it named any: then the files' own
    // lists of rules do not count.
    configuration(std::span<const rule_info* const> chosen, bool by_user);
    // The same, and adds all files of the tree.
    configuration(source_tree& tree, std::span<const rule_info* const> chosen, bool by_user);
    configuration(const configuration&) = delete;
    configuration& operator=(const configuration&) = delete;

    // Reads the .squall.yaml that holds for the file of the set, which stands at `path`: that of the nearest
    // directory upwards. Tells the set about it. Throws problem with file and line for what is wrong in one.
    void add(file_set& files, unsigned file, const std::filesystem::path& path);

    // All rules that are on in some file, in the order of the table.
    std::vector<const rule_info*> rules() const;
    // The .squall.yaml files that hold for some file.
    std::vector<std::filesystem::path> sources() const;
    // Why the rule has no say in the file, or null if it has.
    const char* refusal(const rule_info& rule, unsigned file) const;

    // Whether `squall lint` leaves the file alone, and whether it may tell of this check in it.
    bool lint_skips(unsigned file) const { return files_[file].lint_skipped; }
    bool lints(const lint_check& check, unsigned file) const;

private:
    struct found {
        settings says;
        std::filesystem::path directory;
    };
    const found* of_directory(const std::filesystem::path& directory);

    std::vector<const rule_info*> chosen_;
    bool by_user_;
    std::map<std::filesystem::path, const found*> nearest_;
    std::vector<std::unique_ptr<found>> all_;
    struct file_state {
        const found* from = nullptr;
        bool skipped = false;
        bool lint_skipped = false;
    };
    std::vector<file_state> files_;
    std::set<const rule_info*> on_;
};

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_CONFIGURATION_H
