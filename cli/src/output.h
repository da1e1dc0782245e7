// What a verb prints.
#ifndef SQUALL_CLI_OUTPUT_H
#define SQUALL_CLI_OUTPUT_H

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace squall::cli {

// To stdout, at once. Throws error if it cannot be written; one without text, which main() does not print,
// where the reader has gone, as `head` does.
void write_out(std::string_view text);

// Indented, with a newline at the end; text that is not UTF-8 is no error.
void write_json(const nlohmann::ordered_json& value);

}  // namespace squall::cli

#endif  // SQUALL_CLI_OUTPUT_H
