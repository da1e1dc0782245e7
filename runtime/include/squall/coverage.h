// Coverage: which places the program reached, and what of it is new.
//
// Two sources are read alike: the marks that `squall instrument --rules coverage` writes, and the counters of
// a compiler that was told -fsanitize-coverage=inline-8bit-counters (clang). Counters are the process's, not
// a run's: runs in parallel threads share them.
#ifndef SQUALL_COVERAGE_H
#define SQUALL_COVERAGE_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace squall {

// Indices (catalog.h) of the marks reached since the last reset, ascending.
std::vector<std::uint32_t> coverage_reached();

// Sets all counters of both sources to 0.
void coverage_reset() noexcept;

// One edge and how often it was taken since the last reset: 1 to 255, where the compiler's counters wrap and
// squall's stay at 255.
struct edge_count {
    std::uint64_t edge;  // a mark: its id, stable across builds; the compiler's: stable within one build
    std::uint8_t count;
};

// All edges with a count above 0, by edge.
std::vector<edge_count> coverage_counts();

// How many counters there are: the denominators.
struct coverage_size {
    std::size_t marks;
    std::size_t compiler_edges;
};
coverage_size coverage_counters() noexcept;

// The edges of many runs. A count is kept as its class of eight (1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128 and
// more; the classes of M. Zalewski's afl), so that "how often" is told apart without telling everything
// apart.
class coverage_map {
public:
    struct novelty {
        std::size_t edges = 0;    // seen for the first time
        std::size_t classes = 0;  // of edges seen before: classes of counts seen for the first time
        bool any() const noexcept { return edges != 0 || classes != 0; }
    };

    // What a run adds.
    novelty add(const std::vector<edge_count>& run);
    novelty merge(const coverage_map& other);
    // What add() would say.
    novelty would_add(const std::vector<edge_count>& run) const;

    std::size_t edges() const noexcept { return seen_.size(); }
    bool contains(std::uint64_t edge) const { return seen_.count(edge) != 0; }
    // Edge and the set of its classes, one bit each, the lowest for a count of 1.
    const std::map<std::uint64_t, std::uint8_t>& classes() const noexcept { return seen_; }

    // Puts an edge with its classes back, as classes() had it.
    void restore(std::uint64_t edge, std::uint8_t classes) { seen_[edge] |= classes; }

private:
    std::map<std::uint64_t, std::uint8_t> seen_;
};

}  // namespace squall

#endif  // SQUALL_COVERAGE_H
