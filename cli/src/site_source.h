// Where sites are read from: records in a binary, the list that `squall instrument` leaves, a campaign file.
#ifndef SQUALL_CLI_SITE_SOURCE_H
#define SQUALL_CLI_SITE_SOURCE_H

#include "protocol.h"
#include "tally.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace squall::cli {

// The records of one section's bytes, in their order. `origin` and `offset` are for messages. Throws error
// where a record is not one, or of another version.
std::vector<catalog_record> parse_site_records(std::span<const std::byte> bytes, const std::string& origin,
                                               std::uint64_t offset);

// Each id once; throws error where one id has two texts.
std::vector<catalog_record> without_repeats(std::vector<catalog_record> records);

struct site_listing {
    std::vector<place> places;                 // by file, line and id
    bool has_counts = false;                   // of a campaign
    std::vector<simulation_name> simulations;  // that the counts' first runs refer to
};

// Whether it is C++ to be parsed: a file by its extension, or a directory without squall-sites.json.
bool is_source(const std::string& target);

// An ELF file or archive, a campaign file, or a directory that holds squall-sites.json. Throws error if it is
// none of them, or has no sites.
site_listing read_sites(const std::string& target);

}  // namespace squall::cli

#endif  // SQUALL_CLI_SITE_SOURCE_H
