// The checks of `squall lint`: names, and what people are told.
#ifndef SQUALL_REWRITE_CHECKS_H
#define SQUALL_REWRITE_CHECKS_H

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace squall::rewrite {

struct lint_check {
    std::string_view name;     // without the "squall-" that diagnostics put ahead
    std::string_view summary;  // what it finds
    std::string_view advice;   // what to do about it
};

// In the order of their documentation.
std::span<const lint_check> all_checks();
const lint_check& check_named(std::string_view name);  // one that exists

// The checks that a list stands for: names and patterns with *, those with a minus sign ahead off; a list of
// nothing but those takes away from all. Throws std::invalid_argument with a sentence for what fits no check.
std::set<const lint_check*> select_checks(const std::vector<std::string>& list);

// Whether "squall-NAME" fits the pattern: as in NOLINT(squall-*).
bool is_meant(const lint_check& check, std::string_view pattern);

// The check that forbids calls of the function with this qualified name, or construction of this class; null
// if none does. Inline namespaces are no part of names.
const lint_check* forbids_call(std::string_view function);
const lint_check* forbids_class(std::string_view name);

// Whether the class is a hash container, whose order the library chooses.
bool is_unordered(std::string_view name);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_CHECKS_H
