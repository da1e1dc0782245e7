// The texts that list sites: the header that defines their records, and the JSON for people and tools.
#ifndef SQUALL_REWRITE_SITE_TABLE_H
#define SQUALL_REWRITE_SITE_TABLE_H

#include "core/model.h"

#include <span>
#include <string>

namespace squall::rewrite {

// The header: one SQUALL_SITE line per site, each guarded, so that two such headers may meet in one
// translation unit.
std::string site_header(std::span<const site> sites);

// The same with the hooks in it, so that it needs no other file.
std::string whole_site_header(std::span<const site> sites);

// The same sites as JSON, ordered by file, line and column. docs/how-it-works/site-table.md has the schema.
std::string site_json(std::span<const site> sites);

// runtime/include/squall/site.h, as it was when this tool was built.
extern const char* const site_header_source;

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_SITE_TABLE_H
