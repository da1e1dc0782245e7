// Memory that threads keep.
#include <squall/kept_memory.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace squall::detail {
namespace {

// Fails if what is freed goes back to malloc, which keeps a few of a size and joins the others.
TEST(kept_memory, what_is_freed_is_what_comes_next) {
    if (!keeps_memory)
        GTEST_SKIP() << "under AddressSanitizer nothing is kept";
    constexpr std::size_t count = 40;
    for (const std::size_t size : {704, 720, 1200}) {
        std::vector<void*> given;
        for (std::size_t i = 0; i < count; ++i)
            given.push_back(kept_memory::allocate(size));
        for (void* one : given)
            kept_memory::deallocate(one, size);
        std::vector<void*> again;
        for (std::size_t i = 0; i < count; ++i)
            again.push_back(kept_memory::allocate(size));
        std::reverse(again.begin(), again.end());
        EXPECT_EQ(given, again) << size;
        for (void* one : again)
            kept_memory::deallocate(one, size);
    }
}

// Fails if a piece is given out twice, or is smaller than asked for (valgrind and the sanitizer then say so
// too).
TEST(kept_memory, pieces_in_use_do_not_overlap) {
    struct used {
        char* memory;
        std::size_t size;
        char sign;
    };
    std::vector<used> all;
    const auto take = [&](std::size_t size, char sign) {
        all.push_back({static_cast<char*>(kept_memory::allocate(size)), size, sign});
        std::memset(all.back().memory, sign, size);
    };
    for (int round = 0; round < 3; ++round) {
        for (std::size_t size = 1; size < 20'000; size += 97)
            take(size, static_cast<char>('a' + size % 26));
        for (const used& each : all)
            ASSERT_TRUE(std::all_of(each.memory, each.memory + each.size, [&](char c) {
                return c == each.sign;
            })) << each.size;
        for (const used& each : all)
            kept_memory::deallocate(each.memory, each.size);
        all.clear();
    }
}

// Fails if a thread's pieces outlive it or are another's: the sanitizers and valgrind see it.
TEST(kept_memory, a_piece_may_be_freed_on_another_thread) {
    std::vector<void*> made;
    std::thread([&] {
        for (int i = 0; i < 1000; ++i)
            made.push_back(kept_memory::allocate(64));
    }).join();
    std::thread([&] {
        for (; made.size() > 500; made.pop_back())
            kept_memory::deallocate(made.back(), 64);
    }).join();
    for (void* one : made) {
        std::memset(one, 1, 64);
        kept_memory::deallocate(one, 64);
    }
}

TEST(kept_memory, containers_use_it) {
    std::map<int, std::string, std::less<>, kept_allocator<std::pair<const int, std::string>>> map;
    std::vector<int, kept_allocator<int>> vector;
    for (int i = 0; i < 10'000; ++i) {
        map[i] = std::to_string(i);
        vector.push_back(i);
    }
    EXPECT_EQ(map.at(9'999), "9999");
    EXPECT_EQ(vector[9'999], 9'999);
}

// Fails if nothing is kept, or a piece of another size is taken for it.
TEST(kept_memory, a_piece_is_taken_for_its_size_alone) {
    if (!keeps_memory)
        GTEST_SKIP() << "AddressSanitizer sees each piece freed";
    void* const first = kept_memory::allocate(100);
    kept_memory::deallocate(first, 100);
    void* const other = kept_memory::allocate(200);
    EXPECT_NE(other, first);
    void* const again = kept_memory::allocate(100);
    EXPECT_EQ(again, first);
    kept_memory::deallocate(other, 200);
    kept_memory::deallocate(again, 100);
}

// Fails if a type with a wider alignment than malloc's loses it.
TEST(kept_memory, pieces_are_aligned) {
    struct alignas(64) wide {
        char bytes[64];
    };
    kept_allocator<wide> allocator;
    for (int i = 0; i < 8; ++i) {
        wide* const one = allocator.allocate(1);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(one) % 64, 0u);
        allocator.deallocate(one, 1);
    }
}

}  // namespace
}  // namespace squall::detail
