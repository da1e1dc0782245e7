// In the place of the report's page where SQUALL_WITH_REPORT is OFF.
#include "report_page.h"

namespace squall::cli {

std::string_view report_template() {
    return {};
}

}  // namespace squall::cli
