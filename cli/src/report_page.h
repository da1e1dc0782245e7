// The report as one HTML file: the page that the build makes of cli/report-web/, with the data in it.
#ifndef SQUALL_CLI_REPORT_PAGE_H
#define SQUALL_CLI_REPORT_PAGE_H

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace squall::cli {

// Empty where squall was built with SQUALL_WITH_REPORT=OFF.
std::string_view report_template();

// The template with the data in place of its marker. Whatever the texts in `data` hold, they stay inside of
// the script element of type application/json: it has no '<' and nothing but ASCII. Throws error if there is
// no template.
std::string report_page(const nlohmann::ordered_json& data);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPORT_PAGE_H
