// Puts a report's data into the page.
#include "report_page.h"

#include "error.h"

#include <nlohmann/json.hpp>

namespace squall::cli {

namespace {

constexpr std::string_view marker = "\"squall-data-goes-here\"";

}  // namespace

std::string report_page(const nlohmann::ordered_json& data) {
    const std::string_view page = report_template();
    const std::size_t at = page.find(marker);
    if (page.empty()) {
        throw error(
            "this squall was built without the report's page (SQUALL_WITH_REPORT=OFF); --json, --junit and "
            "--markdown work");
    }
    if (at == std::string_view::npos) {
        throw error("the report's page has no place for the data: a fault in the build of squall");
    }
    const std::string text = data.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
    std::string out;
    out.reserve(page.size() + text.size() + text.size() / 16);
    out += page.substr(0, at);
    for (const char c : text) {
        if (c == '<') {
            out += "\\u003c";
        } else {
            out += c;
        }
    }
    out += page.substr(at + marker.size());
    return out;
}

}  // namespace squall::cli
