// Reading site records: the same for the runtime, which has them in its memory, and for `squall sites`, which
// has them from a file.
#ifndef SQUALL_SITE_TEXT_H
#define SQUALL_SITE_TEXT_H

#include <squall/site.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace squall {

// The version of the record that this library reads and writes.
constexpr unsigned char site_record_version = 1;

// The four texts of a record. The views point into what was read.
struct site_text {
    std::string_view rule, file, function, detail;
    std::string_view all;      // the four with their zeros: what an id is the hash of
    std::string_view further;  // zero-terminated text behind them, such as a function's name; mostly empty
};

// `bytes` is what follows the head, up to the next record. Nothing if they have not four texts.
std::optional<site_text> read_site_text(std::string_view bytes);

// One record as it stands in a section.
struct raw_site {
    site_kind kind;
    std::uint64_t id;  // 0: to be computed
    std::uint32_t line;
    site_text text;
};

// What a record, seen together with the others of its module, says.
struct resolved_site {
    std::size_t raw;  // position among what was resolved
    std::uint64_t id;
    std::string function, detail;
};

// Gives ids to records without one, and to hand-written places their functions, by the function_name records,
// which do not come out themselves. The id is the hash of the text, or, for a place without a name, of rule,
// file, function and its number among those of its rule in the function, by line from 1; its detail is "#1"
// then. `sites` are all records of one module, in any order.
std::vector<resolved_site> resolve_sites(std::span<const raw_site> sites);

}  // namespace squall

#endif  // SQUALL_SITE_TEXT_H
