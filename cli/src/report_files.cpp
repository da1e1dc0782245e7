// Finds and reads source files.
#include "report_files.h"

#include "text.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

namespace squall::cli {

namespace {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

void add_with_parents(std::vector<fs::path>& roots, const fs::path& start) {
    std::error_code problem;
    const fs::path whole = fs::absolute(start, problem);
    for (fs::path at = whole.lexically_normal(); !problem && !at.empty(); at = at.parent_path()) {
        if (std::find(roots.begin(), roots.end(), at) == roots.end()) {
            roots.push_back(at);
        }
        if (at == at.parent_path()) {
            break;
        }
    }
}

std::vector<fs::path> roots_of(const report_data& data, const std::vector<std::string>& directories) {
    std::vector<fs::path> roots(directories.begin(), directories.end());
    add_with_parents(roots, ".");
    add_with_parents(roots, fs::path(data.campaign).parent_path() / ".");
    if (!data.info.command.empty()) {
        add_with_parents(roots, fs::path(data.info.command.front()).parent_path() / ".");
    }
    return roots;
}

// Without what leads out of a directory: "../../src/a.cpp" of a build may be "src/a.cpp" elsewhere.
fs::path inner(const fs::path& path) {
    fs::path result;
    for (const fs::path& part : path) {
        if (part != ".." && part != ".") {
            result /= part;
        }
    }
    return result;
}

std::optional<fs::path> find(const std::string& path, const std::vector<fs::path>& roots) {
    std::error_code problem;
    if (path.empty() || path.find('\0') != std::string::npos) {
        return std::nullopt;
    }
    if (fs::path(path).is_absolute()) {
        return fs::is_regular_file(path, problem) ? std::optional<fs::path>(path) : std::nullopt;
    }
    for (const fs::path& candidate : {fs::path(path), inner(path)}) {
        for (const fs::path& root : roots) {
            if (fs::is_regular_file(root / candidate, problem)) {
                return root / candidate;
            }
        }
    }
    return std::nullopt;
}

}  // namespace

json report_files(const report_data& data, const std::vector<std::string>& directories) {
    std::set<std::string> paths;
    for (const place& p : data.places) {
        paths.insert(p.what.file);
    }
    const std::vector<fs::path> roots = roots_of(data, directories);
    json files = json::array();
    json missing = json::array();
    std::size_t sum = 0;
    for (const std::string& path : paths) {
        const auto skip = [&](const char* why) { missing.push_back({{"path", path}, {"why", why}}); };
        const auto found = find(path, roots);
        if (!found) {
            skip("not found (--source DIR says where to look)");
            continue;
        }
        std::error_code problem;
        const std::uintmax_t size = fs::file_size(*found, problem);
        if (problem || size > report_file_bytes_max || sum + size > report_files_bytes_max) {
            skip(problem ? "cannot be read" : "too long for a report");
            continue;
        }
        std::ostringstream text;
        if (!(text << std::ifstream(*found, std::ios::binary).rdbuf()) && size > 0) {
            skip("cannot be read");
            continue;
        }
        sum += size;
        files.push_back({{"path", path}, {"text", text.str()}});
    }
    return {{"files", std::move(files)}, {"missing", std::move(missing)}};
}

}  // namespace squall::cli
