// Memory that threads keep from world to world.
#include "../../simulator/src/kept_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {
using squall::simulator::in_kept_memory;
using squall::simulator::keeps_memory;
using squall::simulator::kept_allocator;
using squall::simulator::kept_map;
using squall::simulator::kept_memory;

// Fails if what is freed goes back to malloc, which keeps a few of a size and joins the others.
TEST(kept_memory, what_is_freed_is_what_comes_next) {
    if (!keeps_memory)
        GTEST_SKIP() << "under AddressSanitizer nothing is kept";
    constexpr std::size_t count = 50;
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
TEST(kept_memory, an_object_may_end_on_another_thread) {
    struct object : in_kept_memory {
        std::string text = "longer than what stands in a string itself";
    };
    std::vector<std::unique_ptr<object>> made;
    std::thread([&] {
        for (int i = 0; i < 1000; ++i)
            made.push_back(std::make_unique<object>());
    }).join();
    std::thread([&] { made.resize(500); }).join();
    EXPECT_EQ(made.front()->text, object().text);
    made.clear();
}

TEST(kept_memory, containers_use_it) {
    kept_map<int, std::string> map;
    std::vector<int, kept_allocator<int>> vector;
    for (int i = 0; i < 10'000; ++i) {
        map[i] = std::to_string(i);
        vector.push_back(i);
    }
    EXPECT_EQ(map.at(9'999), "9999");
    EXPECT_EQ(vector[9'999], 9'999);
}

}  // namespace
