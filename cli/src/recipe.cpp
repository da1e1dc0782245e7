// A recipe: one run of one seed.
#include "recipe.h"

#include "error.h"
#include "text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace squall::cli {

namespace {

using json = nlohmann::ordered_json;

bool is_id(const std::string& text) {
    return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::string to_text(const recipe& r) {
    const json object = {{"version", recipe_version},
                         {"command", r.command},
                         {"test", r.simulation.test},
                         {"simulation", r.simulation.simulation},
                         {"seed", r.seed},
                         {"profile", r.profile},
                         {"overrides", r.overrides},
                         {"fault_changes", r.fault_changes},
                         {"veto", r.veto},
                         {"verdict", name(r.verdict)},
                         {"message", r.message},
                         {"digest", r.digest}};
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

void write_recipe(const recipe& r, const std::string& file) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << to_text(r) << '\n';
    out.close();
    if (!out) {
        throw error(fmt::format("cannot write the recipe {}: {}", printable(file), std::strerror(errno)));
    }
}

recipe read_recipe(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        throw error(fmt::format("cannot read the recipe {}: {}", printable(file), std::strerror(errno)));
    }
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto refuse = [&](const std::string& why) {
        return error(fmt::format("{} is no recipe of squall: {}", printable(file), printable(why)));
    };
    const json object = json::parse(text, nullptr, false);
    if (!object.is_object()) {
        throw refuse("not a JSON object");
    }
    try {
        if (const int version = object.at("version").get<int>(); version != recipe_version) {
            throw refuse(
                fmt::format("its version is {}, this squall reads version {}", version, recipe_version));
        }
        recipe r;
        r.command = object.at("command").get<std::vector<std::string>>();
        r.simulation = {object.at("test").get<std::string>(), object.value("simulation", "")};
        if (!object.at("seed").is_number_unsigned()) {
            throw refuse("its seed is no whole number from 0 to 2^64-1");
        }
        r.seed = object.at("seed").get<std::uint64_t>();
        r.profile = object.value("profile", own_profile);
        r.overrides = object.value("overrides", "");
        r.fault_changes = object.value("fault_changes", "");
        r.veto = object.value("veto", std::vector<std::string>());
        r.verdict = parse_verdict(object.value("verdict", "passed"));
        r.message = object.value("message", "");
        r.digest = object.value("digest", "");
        for (const std::string& id : r.veto) {
            if (!is_id(id)) {
                throw refuse(fmt::format("'{}' is not the id of a decision (16 hexadecimal digits)", id));
            }
        }
        return r;
    } catch (const json::exception& problem) {
        throw refuse(problem.what());
    } catch (const std::invalid_argument& problem) {
        throw refuse(problem.what());
    }
}

}  // namespace squall::cli
