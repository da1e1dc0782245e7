// The verbs and options of the command as plain data.
#include "option_tree.h"

#include <algorithm>
#include <memory>
#include <string_view>

namespace squall::cli {

namespace {

// Of options that take one of a few words. CLI11 keeps those of a check in a text for people only.
std::vector<std::string> choices_of(const std::vector<std::string>& names) {
    const auto is = [&](const char* name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (is("--profile")) {
        return {"own", "calm", "swarm", "hostile"};
    }
    if (is("--trace")) {
        return {"perfetto", "shiviz", "jsonl", "text"};
    }
    if (is("--again")) {
        return {"crash", "hang", "exit", "memory", "protocol"};
    }
    return {};
}

bool names_a_file(std::string_view value) {
    return value == "FILE" || value == "DIR" || value == "BUILD";
}

option_entry entry_of(const CLI::Option& option) {
    option_entry entry;
    for (const std::string& name : option.get_lnames()) {
        entry.names.push_back("--" + name);
    }
    for (const std::string& name : option.get_snames()) {
        entry.names.push_back("-" + name);
    }
    entry.description = option.get_description();
    const bool takes_value = option.get_expected_max() > 0;
    if (takes_value && !option.get_default_str().empty()) {
        entry.description += " (default " + option.get_default_str() + ")";
    }
    if (entry.names.empty()) {
        entry.value = option.get_name();
    } else if (takes_value) {
        entry.value = option.get_type_name();
        entry.choices = choices_of(entry.names);
        entry.is_file = names_a_file(entry.value);
    }
    return entry;
}

}  // namespace

verb_entry entry_of(const CLI::App& app) {
    verb_entry entry;
    entry.name = app.get_name();
    entry.description = app.get_description();
    entry.footer = app.get_footer();
    if (const auto layout = std::dynamic_pointer_cast<CLI::Formatter>(app.get_formatter())) {
        entry.usage = layout->make_usage(&app, "");
    }
    static constexpr std::string_view head = "Usage: ";
    if (entry.usage.starts_with(head)) {
        entry.usage.erase(0, head.size());
    }
    for (const CLI::Option* option : app.get_options()) {
        option_entry one = entry_of(*option);
        (one.names.empty() ? entry.positionals : entry.options).push_back(std::move(one));
    }
    return entry;
}

std::vector<verb_entry> verbs_of(const CLI::App& app) {
    std::vector<verb_entry> verbs;
    for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
        verbs.push_back(entry_of(*verb));
    }
    return verbs;
}

}  // namespace squall::cli
