// A report for other readers than a browser.
#ifndef SQUALL_CLI_REPORT_FORMATS_H
#define SQUALL_CLI_REPORT_FORMATS_H

#include "report_data.h"

#include <string>

namespace squall::cli {

// JUnit's XML as Jenkins reads it (junit-10.xsd): a suite for each simulation, with a test case for each
// cause of failure or one that passed; and one for what should sometimes happen, skipped where it never did.
std::string report_junit(const report_data& data);

// For a comment on a pull request, in GitHub's Markdown.
std::string report_markdown(const report_data& data);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPORT_FORMATS_H
