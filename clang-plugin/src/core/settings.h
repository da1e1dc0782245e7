// What a .squall.yaml says for the files that it holds for.
#ifndef SQUALL_REWRITE_SETTINGS_H
#define SQUALL_REWRITE_SETTINGS_H

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace squall::rewrite {

struct rule_info;

struct settings {
    std::set<const rule_info*> rules;                   // those that are on
    std::vector<std::string> skip;                      // globs of paths relative to the file's directory
    std::map<std::string, std::string> failures;        // expression by type, which may be qualified in part
    std::map<const rule_info*, unsigned short> firing;  // chance of firing by rule, in 65,535ths

    // The expression for a type by its qualified name: the longest of the keys that end it. Empty if none.
    std::string_view failure_of(std::string_view type) const {
        std::string_view best;
        std::string_view text;
        for (const auto& [key, value] : failures) {
            const bool ends =
                type.ends_with(key) &&
                (type.size() == key.size() || type.substr(0, type.size() - key.size()).ends_with("::"));
            if (ends && key.size() > best.size()) {
                best = key;
                text = value;
            }
        }
        return text;
    }
};

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_SETTINGS_H
