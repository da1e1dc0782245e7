// Where in a file its own records can be declared.
#ifndef SQUALL_REWRITE_TABLE_PLACE_H
#define SQUALL_REWRITE_TABLE_PLACE_H

#include <optional>
#include <string>

namespace squall::rewrite {

// Offset in bytes of the first token that is no directive, if it begins a declaration of its own whatever is
// defined, and if no translation unit meets it twice: a file that is `compiled` by itself, or a header with a
// guard, whose first code stands under no condition but the guard's. Where it is not sure, nothing.
std::optional<unsigned> table_place(const std::string& text, bool compiled);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_TABLE_PLACE_H
