// What a campaign has not seen yet, estimated from how often it saw what it did see.
#ifndef SQUALL_CLI_REPORT_ESTIMATE_H
#define SQUALL_CLI_REPORT_ESTIMATE_H

#include <cstdint>
#include <span>

namespace squall::cli {

struct discovery_estimate {
    std::uint64_t runs = 0;
    std::uint64_t observed = 0;  // things that at least one run had
    std::uint64_t once = 0;      // of these, in one run alone
    std::uint64_t twice = 0;     // and in two
    // A lower bound on how many there are in all: Chao2 in its bias-corrected form, which needs no `twice`.
    // A. Chao, "Estimating the population size for capture-recapture data with unequal catchability",
    // Biometrics 43 (1987).
    double total = 0;
    // How many new ones the next run is expected to have: Good-Turing, once / runs. I. J. Good, "The
    // population frequencies of species and the estimation of population parameters", Biometrika 40 (1953).
    double next_run = 0;

    double unseen() const { return total - static_cast<double>(observed); }
};

// `runs_of_each`: in how many of the `runs` each thing was; zeros are things not seen. Runs are taken for
// draws from one distribution, which seeds of one simulation are. M. Boehme, "STADS: Software Testing as
// Species Discovery", ACM TOSEM 27 (2018), discusses that.
discovery_estimate estimate_discovery(std::uint64_t runs, std::span<const std::uint64_t> runs_of_each);

}  // namespace squall::cli

#endif  // SQUALL_CLI_REPORT_ESTIMATE_H
