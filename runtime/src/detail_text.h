// Details as text and as JSON.
#ifndef SQUALL_RUNTIME_DETAIL_TEXT_H
#define SQUALL_RUNTIME_DETAIL_TEXT_H

#include <squall/details.h>

#include <string>
#include <string_view>

namespace squall {

// "key=value key=value"; reals as by printf's %g, durations in seconds: "1.5s".
std::string to_text(const detail::details& about);

// A JSON object, its members in the order of the details; "null" if there are none.
std::string to_json(const detail::details& about);

// A JSON string, quoted. Bytes that are not UTF-8 come out as U+FFFD.
std::string json_quoted(std::string_view text);

}  // namespace squall

#endif  // SQUALL_RUNTIME_DETAIL_TEXT_H
