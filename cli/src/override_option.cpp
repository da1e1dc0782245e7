// --override.
#include "override_option.h"

#include "environment.h"
#include "error.h"
#include "text.h"

#include <squall/overrides.h>

#include <fmt/format.h>

#include <cstdlib>

namespace squall::cli {

namespace {

constexpr const char* variable = "SQUALL_OVERRIDES";

std::vector<site_override> parsed(const std::string& text, const char* origin) {
    try {
        return parse_overrides(text);
    } catch (const override_error& problem) {
        throw error(fmt::format("{}: {}", origin, printable(problem.what())));
    }
}

}  // namespace

std::string apply_overrides(const std::vector<std::string>& given) {
    std::vector<site_override> all;
    if (const char* inherited = std::getenv(variable)) {
        all = parsed(inherited, variable);
    }
    for (const std::string& text : given) {
        for (site_override& one : parsed(text, "--override")) {
            all.push_back(std::move(one));
        }
    }
    std::string text = to_string(all);
    set_overrides(text);
    return text;
}

void set_overrides(const std::string& text) {
    set_variable(variable, text);
}

}  // namespace squall::cli
