// The events of a failing seed, for the space-time diagram: had by running the seed again with a full record.
#ifndef SQUALL_CLI_REPORT_DIAGRAM_H
#define SQUALL_CLI_REPORT_DIAGRAM_H

#include "report_data.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace squall::cli {

struct diagram_request {
    std::vector<std::string> command;  // in place of the campaign's, if not empty
    std::string hang_timeout;
    std::string memory_limit;  // empty: as replay has it
};

// Runs the first seed of the cause again, by `squall replay`, and packs its record (report_events.h); `tail`
// has its last events where the campaign has none, since the run took its process down. If there is no
// record,
// {"cause", "seed", "missing"} says why: no binary, another build.
nlohmann::ordered_json replay_diagram(const report_data& data, std::size_t cause,
                                      const diagram_request& request);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPORT_DIAGRAM_H
