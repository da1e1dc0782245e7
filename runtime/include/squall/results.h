// What one run or many came to, by the stable ids of sites and assertions: to be kept, sent, and merged.
#ifndef SQUALL_RESULTS_H
#define SQUALL_RESULTS_H

#include <squall/coverage.h>
#include <squall/run.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall {

// A text that is no results, or of another version; `line` counts from 1.
class results_error : public std::runtime_error {
public:
    results_error(const std::string& what, std::size_t line) : std::runtime_error(what), line_(line) {}
    std::size_t line() const noexcept { return line_; }

private:
    std::size_t line_;
};

struct results {
    struct site {
        std::uint64_t evaluated = 0;
        std::uint64_t runs = 0;       // that evaluated it
        std::uint64_t activated = 0;  // of these: runs in which it was active
        std::uint64_t fired = 0;
        bool operator==(const site&) const = default;
    };
    struct assertion {
        std::uint64_t runs = 0;  // that evaluated it
        std::uint64_t times_true = 0;
        std::uint64_t times_false = 0;
        std::uint64_t first_true = no_seed;  // the smallest seed in which it was
        std::uint64_t first_false = no_seed;
        bool operator==(const assertion&) const = default;
    };
    static constexpr std::uint64_t no_seed = ~std::uint64_t{0};

    std::uint64_t runs = 0;
    std::uint64_t violated = 0;           // runs with a violated assertion
    std::map<std::uint64_t, site> sites;  // by id
    std::map<std::uint64_t, assertion> assertions;
    std::map<std::pair<std::uint64_t, std::string>, std::uint64_t> each;  // times, by id and values
    coverage_map coverage;

    // One more run that is over; `edges` is coverage_counts() of it.
    void add(const run& done, const std::vector<edge_count>& edges = {});
    // As if the other's runs had been added here. In any order the sum is the same.
    void merge(const results& other);
};

// Lines of text, the first "squall-results 1"; parse_results() of it gives an equal object. The format is
// told in docs/reference/formats.md.
std::string to_string(const results& all);
// Throws results_error.
results parse_results(std::string_view text);

}  // namespace squall

#endif  // SQUALL_RESULTS_H
