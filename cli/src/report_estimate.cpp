// Chao2 and Good-Turing over the runs of a campaign.
#include "report_estimate.h"

namespace squall::cli {

discovery_estimate estimate_discovery(std::uint64_t runs, std::span<const std::uint64_t> runs_of_each) {
    discovery_estimate result;
    result.runs = runs;
    for (const std::uint64_t count : runs_of_each) {
        result.observed += count > 0 ? 1 : 0;
        result.once += count == 1 ? 1 : 0;
        result.twice += count == 2 ? 1 : 0;
    }
    result.total = static_cast<double>(result.observed);
    if (runs > 0 && result.once > 0) {
        const auto m = static_cast<double>(runs);
        const auto q1 = static_cast<double>(result.once);
        const auto q2 = static_cast<double>(result.twice);
        result.total += (m - 1) / m * q1 * (q1 - 1) / (2 * (q2 + 1));
        result.next_run = q1 / m;
    }
    return result;
}

}  // namespace squall::cli
