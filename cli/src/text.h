// Reading what people type (seeds, durations, sizes) and writing what they read (tables, commands, escapes).
#ifndef SQUALL_CLI_TEXT_H
#define SQUALL_CLI_TEXT_H

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::cli {

// Decimal or 0x-hexadecimal, the whole text, 0 to 2^64-1; nothing otherwise.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

// As above; throws error naming `option` and the way out.
std::uint64_t parse_seed(std::string_view text, std::string_view option);

struct seed_range {
    std::optional<std::uint64_t> first;  // absent where only a number of seeds was given
    std::optional<std::uint64_t> count;  // absent for all from `first` on
};

// "N" is that many seeds, "A..B" the seeds from A to B with both ends, "A.." all from A on.
seed_range parse_seeds(std::string_view text);

// "90", "90s", "1.5m", "1m30s", "2h", "250ms"; throws error naming `option`.
std::chrono::milliseconds parse_duration(std::string_view text, std::string_view option);

// "4096", "512M", "2G", "1.5GiB": bytes, in powers of 1024; throws error naming `option`.
std::uint64_t parse_size(std::string_view text, std::string_view option);

// One line of a POSIX shell that starts exactly these arguments.
std::string command_line(const std::vector<std::string>& arguments);

// The text with control characters and bytes that are not UTF-8 written as \n, \t, \xHH: nothing a program
// under test says can move the cursor or colour the terminal.
std::string printable(std::string_view text);

// The text with each byte that is no UTF-8 replaced by U+FFFD, which JSON demands.
std::string valid_utf8(std::string_view text);

// 1234567 as "1,234,567".
std::string grouped(std::uint64_t number);

// "1 seed", "2 seeds", with grouped digits.
std::string counted(std::uint64_t number, std::string_view one, std::string_view many);

// "12.3 s", "1:23", "2:03:04".
std::string duration_text(std::chrono::milliseconds duration);

// Shell pattern over the whole text: * (slashes too), ?.
bool glob_match(std::string_view pattern, std::string_view text);

// The candidate that a typing error away from `word`, if there is one.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

// Left-aligned columns two spaces apart, no blanks at line ends.
std::string table(const std::vector<std::vector<std::string>>& rows, std::string_view indent = "");

// The lines of `text` from the end, at most `count`.
std::vector<std::string> last_lines(std::string_view text, std::size_t count);

}  // namespace squall::cli

#endif  // SQUALL_CLI_TEXT_H
