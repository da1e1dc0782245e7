// Several campaign files of one program, joined into a new one: for shards, and for campaigns over different
// seeds.
#ifndef SQUALL_CLI_CAMPAIGN_MERGE_H
#define SQUALL_CLI_CAMPAIGN_MERGE_H

#include "campaign_file.h"
#include "tally.h"

#include <cstdint>
#include <string>
#include <vector>

namespace squall::cli {

struct merge_report {
    tally counts;
    std::vector<simulation_name> simulations;
    std::uint64_t rechecks = 0;
    int exit_code = 0;               // as `squall run` would have had
    std::vector<std::string> notes;  // what the user ought to know, in whole lines
};

// Makes `out` of the files. Runs come in the order of their seeds, whatever the order of the files. Throws
// error, and leaves no `out`, where the files are not of one program with one profile, overrides and fault
// changes (the directory of the program may differ), where one place has two texts, and where two have run
// the same seed.
merge_report merge_campaigns(const std::vector<std::string>& files, const std::string& out,
                             if_campaign_exists how);

}  // namespace squall::cli

#endif  // SQUALL_CLI_CAMPAIGN_MERGE_H
