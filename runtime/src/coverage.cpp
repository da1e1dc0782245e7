// Both sources of coverage counters, and maps of edges.
#include <squall/coverage.h>

#include "registry.h"

#include <squall/decisions.h>

#include <algorithm>
#include <cstring>

namespace squall {
namespace {

// Calls visit(offset, count) for each counter that is not 0; eight zeros are passed over at once.
template <class Visit>
void each_nonzero(const registry::counters& range, Visit visit) {
    const unsigned char* at = range.begin;
    while (at != range.end) {
        if (range.end - at >= 8) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, at, 8);
            if (eight == 0) {
                at += 8;
                continue;
            }
        }
        const unsigned char count = __atomic_load_n(at, __ATOMIC_RELAXED);
        if (count != 0)
            visit(static_cast<std::size_t>(at - range.begin), count);
        ++at;
    }
}

// Counts of the marks by their index, summed over the copies that modules have.
std::map<std::uint32_t, unsigned> marks_reached(const registry& all) {
    std::map<std::uint32_t, unsigned> reached;
    for (const registry::marks& module : all.mark_counters)
        each_nonzero(module.range, [&](std::size_t offset, std::uint8_t count) {
            if (module.index[offset] != 0)
                reached[module.index[offset]] += count;
        });
    return reached;
}

std::uint8_t class_of(std::uint8_t count) {
    constexpr std::uint8_t upper[] = {1, 2, 3, 7, 15, 31, 127};
    const auto* const found = std::lower_bound(std::begin(upper), std::end(upper), count);
    return static_cast<std::uint8_t>(1u << (found - std::begin(upper)));
}

constexpr std::uint64_t compiler_stream = stream_key("squall.coverage.compiler");

}  // namespace

std::vector<std::uint32_t> coverage_reached() {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    std::vector<std::uint32_t> reached;
    for (const auto& [index, count] : marks_reached(all))
        reached.push_back(index);
    return reached;
}

std::vector<edge_count> coverage_counts() {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    std::vector<edge_count> counts;
    for (const auto& [index, count] : marks_reached(all))
        counts.push_back({all.entries[index - 1].id, static_cast<std::uint8_t>(std::min(count, 255u))});
    // Modules come in the order of their loading, the same in every process of a binary.
    for (std::size_t module = 0; module < all.compiler_counters.size(); ++module)
        each_nonzero(all.compiler_counters[module], [&](std::size_t offset, std::uint8_t count) {
            counts.push_back({mix(compiler_stream, module, offset), count});
        });
    std::sort(counts.begin(), counts.end(),
              [](const edge_count& a, const edge_count& b) { return a.edge < b.edge; });
    return counts;
}

coverage_size coverage_counters() noexcept {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    coverage_size size{};
    size.marks = static_cast<std::size_t>(
        std::count_if(all.entries.begin(), all.entries.end(),
                      [](const catalog_entry& entry) { return entry.kind == site_kind::coverage; }));
    for (const auto& range : all.compiler_counters)
        size.compiler_edges += static_cast<std::size_t>(range.end - range.begin);
    return size;
}

void coverage_reset() noexcept {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    for (const auto& module : all.mark_counters)
        std::fill(module.range.begin, module.range.end, static_cast<unsigned char>(0));
    for (const auto& range : all.compiler_counters)
        std::fill(range.begin, range.end, static_cast<unsigned char>(0));
}

coverage_map::novelty coverage_map::would_add(const std::vector<edge_count>& run) const {
    novelty found;
    for (const edge_count& e : run) {
        const auto known = seen_.find(e.edge);
        if (known == seen_.end())
            ++found.edges;
        else if ((known->second & class_of(e.count)) == 0)
            ++found.classes;
    }
    return found;
}

coverage_map::novelty coverage_map::add(const std::vector<edge_count>& run) {
    const novelty found = would_add(run);
    for (const edge_count& e : run)
        seen_[e.edge] |= class_of(e.count);
    return found;
}

coverage_map::novelty coverage_map::merge(const coverage_map& other) {
    novelty found;
    for (const auto& [edge, classes] : other.seen_) {
        std::uint8_t& mine = seen_[edge];
        if (mine == 0)
            ++found.edges;
        else if ((classes & ~mine) != 0)
            ++found.classes;
        mine |= classes;
    }
    return found;
}

}  // namespace squall

extern "C" void squall_register_counters(unsigned char* begin, unsigned char* end) noexcept {
    auto& all = squall::the_registry();
    const std::lock_guard lock(all.mutex);
    const bool known = std::any_of(all.compiler_counters.begin(), all.compiler_counters.end(),
                                   [&](const auto& range) { return range.begin == begin; });
    if (!known && begin != end)
        all.compiler_counters.push_back({begin, end});
}

// What -fsanitize-coverage=inline-8bit-counters calls for each module. Weak: a fuzzer's own takes its place.
// Where a sanitizer has it too, the first on the command line stays; site.h registers the same range then.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the compiler's name
extern "C" __attribute__((weak)) void __sanitizer_cov_8bit_counters_init(unsigned char* begin,
                                                                         unsigned char* end) {
    squall_register_counters(begin, end);
}
