// What the tool works out before it is text: files, sites and their insertions, and what was passed over.
#ifndef SQUALL_REWRITE_MODEL_H
#define SQUALL_REWRITE_MODEL_H

#include "core/settings.h"

#include <squall/site.h>

#include <llvm/Support/FileSystem/UniqueID.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace squall::rewrite {

struct rule_info;

// The files that may be rewritten. A file is known by its identity on disk, so that one that is reached under
// two names, through a symbolic link or with isInSystemHeader() forced on by a pragma is still that file.
class file_set {
public:
    // Index of the file, the same for each further path of one identity.
    unsigned add(llvm::sys::fs::UniqueID identity, std::string project_path) {
        auto [it, added] = by_identity_.try_emplace(identity, static_cast<unsigned>(paths_.size()));
        if (added)
            paths_.push_back(std::move(project_path));
        return it->second;
    }
    std::optional<unsigned> find(llvm::sys::fs::UniqueID identity) const {
        auto it = by_identity_.find(identity);
        return it == by_identity_.end() ? std::nullopt : std::optional(it->second);
    }
    // Relative to the project's root, with forward slashes.
    const std::string& path(unsigned file) const { return paths_[file]; }
    std::size_t size() const { return paths_.size(); }
    // What a .squall.yaml says for the file; null if none does. Not owned.
    void configure(unsigned file, const settings* says) { settings_[file] = says; }
    const settings* settings_of(unsigned file) const {
        auto it = settings_.find(file);
        return it == settings_.end() ? nullptr : it->second;
    }

private:
    std::map<llvm::sys::fs::UniqueID, unsigned> by_identity_;
    std::vector<std::string> paths_;
    std::map<unsigned, const settings*> settings_;
};

struct place {
    unsigned file = 0;    // index in the file_set
    unsigned offset = 0;  // in bytes
    auto operator<=>(const place&) const = default;
};

// Text to put ahead of the byte at `offset`. At one offset closers come first, inner ones before outer ones,
// then what enters a block, then openers, outer ones first.
struct insertion {
    enum class role { closer, entry, opener };
    unsigned offset = 0;
    role kind = role::entry;
    unsigned partner = 0;  // opener, closer: where the other one stands
    std::string text;      // site_mark stands for the name of the site's record
    bool operator==(const insertion&) const = default;
};

// Stands for the record's name in the text of an insertion: no C++ token has this character, and sites have
// names only once all translation units are known.
constexpr char site_mark = '@';

struct site {
    const rule_info* rule = nullptr;
    place at;
    std::string path;  // as the compiler presumes it, so that of the grammar and not of the generated parser
    unsigned line = 0;
    unsigned column = 0;
    std::string function;  // for people
    std::string detail;    // for people
    std::string evidence;  // for people: why the rule took it for what it is
    std::string owner;     // identity of the enclosing function
    std::string anchor;    // what tells the site from others of its rule and owner
    std::vector<insertion> edits;
    bool of_variable = false;   // shared by all places where one variable is used
    unsigned short firing = 0;  // chance of firing of its own, in 65,535ths; 0: the run's
    std::uint64_t id = 0;       // set once all translation units are known
};

// Something a rule wanted to touch and did not.
struct skip {
    const rule_info* rule = nullptr;
    place at;
    const char* reason = "";
    auto key() const { return std::make_tuple(at, rule, std::string_view(reason)); }
    bool operator<(const skip& other) const { return key() < other.key(); }
};

// All that one translation unit says.
struct unit_findings {
    std::vector<site> sites;
    std::set<skip> skips;
    std::set<place> bodies;      // opening braces of function bodies: where error-return had a say
    std::set<unsigned> c_files;  // files of the set that were read as C
    std::set<unsigned> entered;  // files of the set that were read at all
    // Files with sites that some declaration of another file goes around, as of an #include in a namespace.
    std::set<unsigned> enclosed;
};

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_MODEL_H
