// The memory of operations that each thread keeps.
#include <squall/operation_memory.h>

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

namespace squall::detail {
namespace {

// Fails if a piece is smaller than it was asked for, or is given out twice.
TEST(OperationMemory, IsNobodyElsesWhileItIsTaken) {
    struct piece {
        unsigned char* memory;
        std::size_t size;
    };
    for (int round = 0; round < 3; ++round) {
        std::vector<piece> taken;
        for (std::size_t size = 1; size < 600; ++size) {
            taken.push_back({static_cast<unsigned char*>(take_piece(size)), size});
            std::memset(taken.back().memory, static_cast<int>(size % 251), size);
        }
        for (const piece& each : taken)
            for (std::size_t i = 0; i < each.size; ++i)
                ASSERT_EQ(each.memory[i], each.size % 251) << each.size;
        for (const piece& each : taken)
            give_piece(each.memory, each.size);
    }
}

// Fails if nothing is kept, or a piece of another size is taken for it.
TEST(OperationMemory, IsTakenAgainForTheSameSize) {
    if (!keeps_memory)
        GTEST_SKIP() << "AddressSanitizer sees each piece freed";
    void* const first = take_piece(100);
    give_piece(first, 100);
    void* const other = take_piece(200);
    EXPECT_NE(other, first);
    void* const again = take_piece(100);
    EXPECT_EQ(again, first);
    give_piece(other, 200);
    give_piece(again, 100);
}

// Fails (AddressSanitizer, a crash) if a piece may only be freed where it was taken, or does not outlive the
// thread that it was taken on.
TEST(OperationMemory, MayBeFreedByAnotherThread) {
    void* here = take_piece(64);
    void* there = nullptr;
    std::thread([&] {
        there = take_piece(64);
        give_piece(here, 64);
    }).join();
    std::memset(there, 1, 64);
    give_piece(there, 64);
}

// Fails if a type with a wider alignment than malloc's loses it.
TEST(OperationMemory, IsAligned) {
    struct alignas(64) wide {
        char bytes[64];
    };
    operation_allocator<wide> allocator;
    for (int i = 0; i < 8; ++i) {
        wide* const one = allocator.allocate(1);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(one) % 64, 0u);
        allocator.deallocate(one, 1);
    }
}

}  // namespace
}  // namespace squall::detail
