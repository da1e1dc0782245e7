// Which records which file and which translation unit gets.
#ifndef SQUALL_REWRITE_TABLES_H
#define SQUALL_REWRITE_TABLES_H

#include "core/model.h"
#include "driver/database.h"
#include "driver/source_tree.h"

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace squall::rewrite {

// A compiler that is shown the records of a whole tree takes time for each of them and, if it is gcc, puts
// them into every object. So a file asks for its own, where that can be done (table_place.h), and a build
// that can tell its units apart gives each a table of the files that it reads.
class site_tables {
public:
    // `sites` are ordered by place and outlive this, as does the tree; `findings` are those of the units, in
    // their order, of which sites may be gone.
    site_tables(const source_tree& tree, std::span<const site> sites, std::span<const unit> units,
                std::span<const unit_findings> findings);

    // Adds to the text of the file what asks for its records.
    void add_request(unsigned file, std::string& text) const;

    // The table for any unit, which stands in the directory of squall/.
    std::string whole() const;
    // Further ones by path below that directory: squall/tables/PATH.h for the unit PATH, and squall/headers.h
    // for units elsewhere that include headers of the tree.
    std::map<std::string, std::string> parts() const;

private:
    std::string text(const std::set<unsigned>* files, const std::string& hooks) const;

    struct own_table {
        unsigned offset;
        std::string macro;
    };
    const source_tree& tree_;
    std::span<const site> sites_;
    std::map<unsigned, own_table> own_;                         // by file
    std::map<std::string, std::set<unsigned>> files_of_units_;  // by the unit's path
    std::set<unsigned> compiled_;
};

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_TABLES_H
