// What names a site for good: rule, file, owner, anchor and an ordinal among equals, hashed to 64 bits.
//
// An id must survive edits elsewhere in the file and be the same from every translation unit and on every
// machine; hence no line, no column, no byte offset and no absolute path goes into it.
// docs/how-it-works/rewriting.md tells how well that works.
#ifndef SQUALL_REWRITE_IDENTITY_H
#define SQUALL_REWRITE_IDENTITY_H

#include "core/model.h"

#include <clang/AST/ASTFwd.h>

#include <string>
#include <string_view>
#include <vector>

namespace squall::rewrite {

// Key of a function or variable: its USR without the byte offsets that Clang puts into those of local
// entities. Where the name alone does not tell it from one in another file, the path is part of it.
std::string owner_key(const clang::NamedDecl& declaration, std::string_view path);

// Key of the n-th lambda within an owner, counting from 1.
std::string lambda_key(std::string_view owner, unsigned ordinal);

// `text` without white space, so that a reformatted condition is the same anchor.
std::string without_space(std::string_view text);

// Sets every id. `sites` are all sites of the tree, or of one translation unit, ordered by place.
void assign_ids(std::vector<site>& sites);

// 16 hexadecimal digits.
std::string hex(std::uint64_t id);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_IDENTITY_H
