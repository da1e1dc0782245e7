// The catalog: every site and assertion of the running program and its shared libraries, read from their
// sections at load time.
#ifndef SQUALL_CATALOG_H
#define SQUALL_CATALOG_H

#include <squall/site.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace squall {

// One place in the program. The views live as long as its module.
struct catalog_entry {
    std::uint32_t index;  // dense, from 1; the same in every process of one binary, not across builds
    std::uint64_t id;     // stable across builds
    site_kind kind;
    std::uint32_t line;
    std::string_view rule, file, function, detail;
};

// Everything registered so far, by index. Thread-safe, as all functions here.
std::vector<catalog_entry> catalog();

// One of them; with index 0 and empty texts where there is none.
catalog_entry catalog_at(std::uint32_t index) noexcept;

// Number of places registered so far; indices run from 1 to it.
std::uint32_t catalog_size() noexcept;

// Index of the place with this id, 0 where there is none.
std::uint32_t catalog_find(std::uint64_t id) noexcept;

// What is wrong with the program's records, as sentences that name the places: two records with one id and
// different text, two assertions or named sites of one message in one file, a record that is not one, a
// section of another version. Empty in a sound program; a simulation of a program with errors fails.
std::vector<std::string_view> catalog_errors();

std::string_view to_string(site_kind kind) noexcept;
constexpr bool is_assertion(site_kind kind) noexcept {
    return kind >= site_kind::always && kind != site_kind::function_name;
}
// Whether it is a place where squall does something to the program.
constexpr bool is_fault_site(site_kind kind) noexcept {
    return !is_assertion(kind) && kind != site_kind::coverage && kind != site_kind::function_name;
}
// Whether an override's return(value) means something to it.
constexpr bool takes_value(site_kind kind) noexcept {
    return kind == site_kind::knob || kind == site_kind::duration || kind == site_kind::short_io;
}

}  // namespace squall

#endif  // SQUALL_CATALOG_H
