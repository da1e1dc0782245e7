// The texts that list sites: the header that defines their records, and the JSON for people and tools.
#ifndef SQUALL_REWRITE_SITE_TABLE_H
#define SQUALL_REWRITE_SITE_TABLE_H

#include "core/model.h"

#include <set>
#include <span>
#include <string>

namespace squall::rewrite {

// A header with the records of sites, which are ordered by place. Those of the files `requested` become a
// macro each, table_name(), which the file itself expands where its code begins: a record costs a compiler
// more than the code that refers to it. All others are defined at once. Everything is guarded, so that two
// such headers may meet in one translation unit. `files`, if not null, are those that matter; `hooks` is the
// path of squall/site.h as seen from the header.
std::string site_header(std::span<const site> sites, const std::set<unsigned>& requested,
                        const std::set<unsigned>* files, const std::string& hooks);

// Name of the macro for the sites of one file; it changes with them. Empty if all are of variables, which
// have records in common with other files.
std::string table_name(std::span<const site> of_file);

// All records, defined at once, with the hooks ahead of them, so that no other file is needed.
std::string whole_site_header(std::span<const site> sites);

// The same sites as JSON, ordered by file, line and column. docs/how-it-works/site-table.md has the schema.
std::string site_json(std::span<const site> sites);

// runtime/include/squall/site.h, as it was when this tool was built.
extern const char* const site_header_source;

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_SITE_TABLE_H
