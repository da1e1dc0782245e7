// The source files that a campaign's places stand in, for the report's source view.
#ifndef SQUALL_CLI_REPORT_FILES_H
#define SQUALL_CLI_REPORT_FILES_H

#include "report_data.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace squall::cli {

inline constexpr std::size_t report_file_bytes_max = 1 << 20;    // a longer one is left out, and told
inline constexpr std::size_t report_files_bytes_max = 16 << 20;  // of all together

// {"files": [{"path", "text"}], "missing": [{"path", "why"}]}. A path is looked for as it is, in
// `directories`, and in the directories above the current one, the campaign file and the test binary.
nlohmann::ordered_json report_files(const report_data& data, const std::vector<std::string>& directories);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPORT_FILES_H
