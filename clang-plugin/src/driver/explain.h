// Answers to "why is there a site" and "why is there none".
#ifndef SQUALL_REWRITE_EXPLAIN_H
#define SQUALL_REWRITE_EXPLAIN_H

#include "driver/merge.h"
#include "driver/source_tree.h"

#include <string>
#include <string_view>

namespace squall::rewrite {

// Rule, place, text and evidence of the site with that id, 16 hexadecimal digits or the first ones of them.
// Throws problem if there is none, or if several begin so.
std::string explain_site(const merged_findings& merged, std::string_view id);

// What was passed over at "FILE:LINE", with reasons, and which sites are there all the same. FILE is a path
// in the project. Throws problem if it is not that, or no file of the tree.
std::string explain_line(const merged_findings& merged, const source_tree& tree, std::string_view where);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_EXPLAIN_H
