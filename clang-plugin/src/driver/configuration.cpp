// Reads .squall.yaml with LLVM's YAML, whose complaints name line and column.
#include "driver/configuration.h"

#include "driver/problem.h"
#include "rules/rules.h"

#include <llvm/Support/GlobPattern.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/YAMLTraits.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace squall::rewrite {

// As written; all further meaning comes after.
struct written_rule {
    std::string name;  // with a minus sign ahead: off
};
struct written_glob {
    std::string text;
};
struct written_expression {
    std::string text;
};
struct written_probability {
    double value = 0;
};
struct written_settings {
    std::optional<std::vector<written_rule>> rules;
    std::vector<written_glob> skip;
    std::map<std::string, written_expression> failures;
    std::map<std::string, written_probability> probabilities;
};

}  // namespace squall::rewrite

LLVM_YAML_IS_SEQUENCE_VECTOR(squall::rewrite::written_rule)
LLVM_YAML_IS_SEQUENCE_VECTOR(squall::rewrite::written_glob)
LLVM_YAML_IS_STRING_MAP(squall::rewrite::written_expression)
LLVM_YAML_IS_STRING_MAP(squall::rewrite::written_probability)

namespace llvm::yaml {

using namespace squall::rewrite;

// What is wrong with a value must outlive the call that says so.
using complaint = std::string;

template <>
struct ScalarTraits<written_rule> {
    static void output(const written_rule& rule, void*, raw_ostream& out) { out << rule.name; }
    static StringRef input(StringRef text, void* context, written_rule& rule) {
        rule.name = text.str();
        try {
            select_rules({text.ltrim('-').str()});
        } catch (const std::invalid_argument& unknown) {
            return *static_cast<complaint*>(context) = unknown.what();
        }
        return {};
    }
    static QuotingType mustQuote(StringRef) { return QuotingType::None; }
};
template <>
struct ScalarTraits<written_glob> {
    static void output(const written_glob& glob, void*, raw_ostream& out) { out << glob.text; }
    static StringRef input(StringRef text, void* context, written_glob& glob) {
        glob.text = text.str();
        if (auto pattern = GlobPattern::create(text); !pattern)
            return *static_cast<complaint*>(context) = "not a pattern: " + toString(pattern.takeError());
        return {};
    }
    static QuotingType mustQuote(StringRef) { return QuotingType::None; }
};
template <>
struct ScalarTraits<written_expression> {
    static void output(const written_expression& value, void*, raw_ostream& out) { out << value.text; }
    static StringRef input(StringRef text, void*, written_expression& value) {
        value.text = text.trim().str();
        if (value.text.empty())
            return "an expression is missing";
        // It goes into one line of C++; a mark of ours would be taken for a site's name.
        if (text.find_first_of("\n;@") != StringRef::npos)
            return "an expression is one line without ; and @";
        return {};
    }
    static QuotingType mustQuote(StringRef) { return QuotingType::None; }
};
template <>
struct ScalarTraits<written_probability> {
    static void output(const written_probability& chance, void*, raw_ostream& out) { out << chance.value; }
    static StringRef input(StringRef text, void*, written_probability& chance) {
        // The record has 16 bits for it.
        if (text.getAsDouble(chance.value) || !(chance.value >= 1.0 / 65535 && chance.value <= 1))
            return "a probability is a number from 0.00002 to 1; a minus sign ahead of a rule's name in "
                   "'rules' "
                   "takes it away";
        return {};
    }
    static QuotingType mustQuote(StringRef) { return QuotingType::None; }
};
template <>
struct MappingTraits<written_settings> {
    static void mapping(IO& io, written_settings& all) {
        io.mapOptional("rules", all.rules);
        io.mapOptional("skip", all.skip);
        io.mapOptional("failures", all.failures);
        io.mapOptional("probabilities", all.probabilities);
    }
};

}  // namespace llvm::yaml

namespace squall::rewrite {
namespace {

namespace fs = std::filesystem;

void keep_first(const llvm::SMDiagnostic& diagnostic, void* context) {
    auto& first = *static_cast<std::string*>(context);
    if (first.empty())
        first = std::to_string(diagnostic.getLineNo()) + ':' + std::to_string(diagnostic.getColumnNo() + 1) +
                ": " + diagnostic.getMessage().str();
}

settings read_settings(const fs::path& path, std::span<const rule_info* const> chosen, bool by_user) {
    const std::string text = read_file(path);
    std::string wrong;
    std::string complaint;
    written_settings written;
    // A file of comments is one that says nothing.
    llvm::yaml::Input input(text, &complaint, &keep_first, &wrong);
    input >> written;
    if (input.error())
        throw problem(path.string() + ':' + (wrong.empty() ? "1:1: not YAML" : wrong));

    settings says;
    if (by_user || !written.rules) {
        says.rules.insert(chosen.begin(), chosen.end());
    } else {
        // A list that only takes away takes it from the default.
        if (std::ranges::all_of(*written.rules,
                                [](const written_rule& each) { return each.name.starts_with('-'); }))
            says.rules.insert(chosen.begin(), chosen.end());
        for (const written_rule& each : *written.rules) {
            const bool off = each.name.starts_with('-');
            for (const rule_info* rule : select_rules({off ? each.name.substr(1) : each.name}))
                off ? static_cast<void>(says.rules.erase(rule)) : static_cast<void>(says.rules.insert(rule));
        }
    }
    for (const written_glob& each : written.skip)
        says.skip.push_back(each.text);
    for (const auto& [type, expression] : written.failures)
        says.failures[type.starts_with("::") ? type.substr(2) : type] = expression.text;
    for (const auto& [name, chance] : written.probabilities) {
        try {
            for (const rule_info* rule : select_rules({name}))
                says.firing[rule] = static_cast<unsigned short>(std::lround(chance.value * 65535));
        } catch (const std::invalid_argument& unknown) {
            throw problem(path.string() + ": probabilities: " + unknown.what());
        }
    }
    return says;
}

bool matches(const settings& says, const std::string& path) {
    return std::ranges::any_of(says.skip, [&](const std::string& glob) {
        auto pattern = llvm::GlobPattern::create(glob);
        return pattern && pattern->match(path);
    });
}

}  // namespace

configuration::configuration(source_tree& tree, std::span<const rule_info* const> chosen, bool by_user)
    : chosen_(chosen.begin(), chosen.end()),
      by_user_(by_user),
      files_(tree.files.size()) {
    std::set<const rule_info*> on;
    for (const tree_entry& entry : tree.entries) {
        if (entry.kind != tree_entry::type::file)
            continue;
        file_state& state = files_[entry.file];
        const fs::path path = tree.original(entry);
        const found* from = of_directory(path.parent_path());
        if (!from) {
            on.insert(chosen_.begin(), chosen_.end());
            continue;
        }
        state.from = from;
        state.skipped = matches(from->says, path.lexically_relative(from->directory).generic_string());
        if (!state.skipped)
            on.insert(from->says.rules.begin(), from->says.rules.end());
        tree.files.configure(entry.file, &from->says);
    }
    for (const rule_info& each : all_rules())
        if (on.contains(&each))
            rules_.push_back(&each);
}

const configuration::found* configuration::of_directory(const fs::path& directory) {
    if (const auto known = nearest_.find(directory); known != nearest_.end())
        return known->second;
    const found* result = nullptr;
    std::error_code none;
    if (const fs::path file = directory / configuration_name; fs::is_regular_file(file, none)) {
        all_.push_back(std::make_unique<found>(found{read_settings(file, chosen_, by_user_), directory}));
        result = all_.back().get();
    } else if (directory != directory.parent_path()) {
        result = of_directory(directory.parent_path());
    }
    return nearest_[directory] = result;
}

const char* configuration::refusal(const rule_info& rule, unsigned file) const {
    const file_state& state = files_[file];
    if (!state.from)
        return std::ranges::find(chosen_, &rule) == chosen_.end() ? "rule is off here" : nullptr;
    if (state.skipped)
        return "path is skipped by .squall.yaml";
    return state.from->says.rules.contains(&rule) ? nullptr : "rule is off here";
}

}  // namespace squall::rewrite
