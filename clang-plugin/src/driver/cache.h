// What earlier runs found, so that a translation unit none of whose files changed is not parsed again.
#ifndef SQUALL_REWRITE_CACHE_H
#define SQUALL_REWRITE_CACHE_H

#include "driver/database.h"
#include "driver/parse.h"
#include "driver/source_tree.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace squall::rewrite {

constexpr const char* cache_name = ".squall-cache";

// A unit is known by its command. What was found holds as long as every file that its parse read has the same
// content and place in the tree. A header that appears where none was before, ahead of one that was read, is
// not noticed.
class parse_cache {
public:
    // `key` is all else that the findings depend on: another key, and nothing of the file holds. A file that
    // is not there or not whole is an empty one.
    parse_cache(const std::filesystem::path& path, std::string key, const source_tree& tree,
                std::span<const rule_info* const> rules);

    // Whether the unit needs no parse; then `result` is what one would give.
    bool knows(const unit& what, parsed_unit& result);
    // What a parse gave, which read these files (absolute paths). One that failed is not kept.
    void keep(const unit& what, const parsed_unit& result, const std::set<std::string>& read);

    // The files that the units read which were asked for or kept.
    std::set<std::string> read() const;

    // The text of the file for all units that were asked for or kept.
    std::string text();

private:
    struct entry {
        std::string findings;  // serialised
        std::vector<std::string> read;
        bool used = false;
    };
    // Content and place of a file as it is now; empty if it cannot be read.
    const std::string& state_of(const std::string& path);
    std::string serialised(const unit_findings& findings) const;
    bool deserialised(const std::string& text, unit_findings& findings) const;

    std::string key_;
    const source_tree& tree_;
    std::map<std::string, const rule_info*> rules_;
    std::map<std::string, unsigned> file_numbers_;
    std::map<std::string, entry> entries_;      // by command
    std::map<std::string, std::string> known_;  // state of each file when the entries were made
    std::map<std::string, std::string> now_;    // and in this run
};

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_CACHE_H
