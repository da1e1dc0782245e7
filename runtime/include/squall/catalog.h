// The catalog: every site and assertion of the running program and its shared libraries, read from their
// sections at load time.
#ifndef SQUALL_CATALOG_H
#define SQUALL_CATALOG_H

#include <squall/site.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace squall {

// One place in the program. The views point into the binary and live as long as its module.
struct catalog_entry {
    std::uint32_t index;  // dense, from 1; the same in every process of one binary, not across builds
    std::uint64_t id;     // stable across builds
    site_kind kind;
    std::uint32_t line;
    std::string_view rule, file, function, detail;
};

// Everything registered so far, by index. Thread-safe.
std::vector<catalog_entry> catalog();

// Number of places registered so far; indices run from 1 to it.
std::uint32_t catalog_size() noexcept;

// Index of the place with this id, 0 where there is none.
std::uint32_t catalog_find(std::uint64_t id) noexcept;

// Two records with one id and different text, or a record that is not one: each message names the places.
// Empty in a sound program.
std::vector<std::string_view> catalog_errors();

// Indices of the coverage sites reached since the last reset, ascending; and forgetting them. Process-wide,
// as the counters are.
std::vector<std::uint32_t> coverage_reached();
void coverage_reset() noexcept;

std::string_view to_string(site_kind kind) noexcept;
constexpr bool is_assertion(site_kind kind) noexcept {
    return kind >= site_kind::always;
}

}  // namespace squall

#endif  // SQUALL_CATALOG_H
