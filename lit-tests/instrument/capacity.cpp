// Limits are made smaller: a constant wherever it is used, a member where it is set, and all of one at once.
// RUN: %rewrite %s %t --rules=capacity | FileCheck %s
// RUN: %same %s %t --rules=capacity
// RUN: %same %s %t --rules=capacity -std=c++17 -Wsign-compare -Wconversion -Wsign-conversion
// RUN: %fires %s %t max_batch --rules=capacity | FileCheck %s --check-prefix=BATCH
// RUN: %fires %s %t queue_depth --rules=capacity | FileCheck %s --check-prefix=QUEUE
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <vector>

constexpr int max_batch = 8;
constexpr std::size_t kMaxDigits = 19;
constexpr std::uint64_t max_offset = ~std::uint64_t{0};
const long write_limit = 1 + 1;
struct queue {
    // CHECK: std::size_t queue_depth = ::squall::capacity<unsigned long>(::squall_site_{{.*}}.head, 4);
    std::size_t queue_depth = 4;
    int backlog;
    // CHECK: queue() : backlog(::squall::capacity<int>(::squall_site_{{.*}}.head, 16)) {}
    queue() : backlog(16) {}
    // A limit that its maker chooses has its site there.
    // CHECK: explicit queue(int limit) : backlog(limit) {}
    explicit queue(int limit) : backlog(limit) {}
};
// Where the language asks for a constant, it stays one.
std::array<int, max_batch> slots{};
char room[max_batch];
static_assert(max_batch == 8, "");
struct word { char c; };
constexpr int twice_max_batch() { return 2 * max_batch; }
static_assert(twice_max_batch() == 16, "");

int batches(const std::vector<int>& all) {
    int n = 0;
    // CHECK: for (std::size_t i = 0; i < all.size(); i += ::squall::capacity<unsigned long>(::squall_site_[[SITE:[0-9a-f]+]].head, max_batch)) ++n;
    for (std::size_t i = 0; i < all.size(); i += max_batch) ++n;
    return n;
}
int choose(int n) {
    switch (n) {
        // CHECK: case max_batch:
        case max_batch:
            return 1;
        default:
            // CHECK: return n < ::squall::capacity<int>(::squall_site_[[SITE]].head, max_batch) ? 2 : 3;
            return n < max_batch ? 2 : 3;
    }
}
int main() {
    queue q;
    std::vector<int> all(16);
    // CHECK: const char narrow{max_batch};
    const char narrow{max_batch};
    // CHECK: const int& alias = max_batch;
    const int& alias = max_batch;
    std::printf("batches %d, choose %d, depth %d\n", batches(all), choose(3), int(q.queue_depth));
    // CHECK: std::printf("%d %d %d %d %d\n", q.backlog, narrow, alias, int(kMaxDigits), int(max_offset & 1));
    std::printf("%d %d %d %d %d\n", q.backlog, narrow, alias, int(kMaxDigits), int(max_offset & 1));
    std::printf("%ld %d\n", write_limit, queue(7).backlog);
}
// BATCH: batches 16, choose 3, depth 4
// BATCH-NEXT: 16 8 8 19 1
// QUEUE: batches 2, choose 2, depth 1
// CHECK: ---- summary
// CHECK: braced initialiser
