// The formats of a run's record, by the extension of its file: for who writes records (export.h) and for who
// asks for them (`squall replay --record`).
#ifndef SQUALL_RECORD_FORMAT_H
#define SQUALL_RECORD_FORMAT_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace squall {

enum class record_format : std::uint8_t { text, json_lines, trace, shiviz };

// For messages.
inline constexpr std::string_view record_formats =
    ".txt (text), .jsonl (JSON Lines), .json (trace for Perfetto and chrome://tracing) and .shiviz";

// Nothing if the extension, its dot included, names none.
constexpr std::optional<record_format> record_format_named(std::string_view extension) noexcept {
    if (extension == ".txt")
        return record_format::text;
    if (extension == ".jsonl")
        return record_format::json_lines;
    if (extension == ".json")
        return record_format::trace;
    if (extension == ".shiviz")
        return record_format::shiviz;
    return std::nullopt;
}

}  // namespace squall

#endif  // SQUALL_RECORD_FORMAT_H
