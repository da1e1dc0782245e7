// The data generators: distributions, the classes that each promises, and that what was not drawn shows.
#include <squall/generators.h>

#include "kit_support.h"

#include <squall/catalog.h>
#include <squall/text_generators.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace squall::testing_support;
using squall::decision_stream;
constexpr std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();

template <class Generator>
auto draws(Generator generator, int count, std::uint64_t seed = 1) {
    decision_stream random(seed, squall::stream_key("test"));
    std::vector<decltype(generator(random))> all;
    for (int i = 0; i < count; ++i)
        all.push_back(generator(random));
    return all;
}

template <class Values>
double share(const Values& values, const auto& fits) {
    return static_cast<double>(std::ranges::count_if(values, fits)) / static_cast<double>(values.size());
}

TEST(Keys, UniformOnesAreUniform) {
    // Chi-square with 19 degrees of freedom: above 50.8 with a probability of 1e-4.
    std::vector<double> counts(20);
    for (const std::uint64_t key : draws(squall::uniform_keys(20), 20'000))
        ++counts.at(key);
    double chi = 0;
    for (const double count : counts)
        chi += (count - 1000) * (count - 1000) / 1000;
    EXPECT_LT(chi, 50.8);
}

TEST(Keys, ZipfOnesAreThoseOfTheStreamsOwnZipf) {
    // Fails if the table is another distribution, or of another order. (Equal but for rounding at a border.)
    for (const double exponent : {0.0, 0.5, 0.99, 2.0}) {
        const auto keys = draws(squall::zipf_keys(300, exponent), 2000);
        EXPECT_EQ(keys, draws([&](decision_stream& random) { return random.zipf(300, exponent); }, 2000));
        EXPECT_LT(*std::ranges::max_element(keys), 300u);
    }
}

TEST(Keys, HotOnesHaveTheirShare) {
    const auto keys = draws(squall::hot_keys(1000, 10, 0.8), 10'000);
    EXPECT_NEAR(share(keys, [](std::uint64_t k) { return k < 10; }), 0.8, 0.02);
    EXPECT_TRUE(std::ranges::all_of(keys, [](std::uint64_t k) { return k < 1000; }));
    EXPECT_EQ(std::set<std::uint64_t>(keys.begin(), keys.end()).contains(9), true);
    const auto never = draws(squall::hot_keys(20, 10, 0), 100);
    EXPECT_TRUE(std::ranges::all_of(never, [](std::uint64_t k) { return k >= 10; }));
}

TEST(Keys, SequentialOnesGoRoundAndDrawNothing) {
    decision_stream random(1, 2);
    squall::sequential_keys keys(3);
    std::vector<std::uint64_t> all;
    for (int i = 0; i < 7; ++i)
        all.push_back(keys(random));
    EXPECT_THAT(all, ::testing::ElementsAre(0, 1, 2, 0, 1, 2, 0));
    EXPECT_EQ(random.index(), 0u);
}

TEST(Sizes, HaveTheirBoundariesAndAHeavyTail) {
    for (const std::uint64_t most :
         {std::uint64_t{16}, std::uint64_t{1000}, std::uint64_t{1} << 20, greatest}) {
        const auto sizes = draws(squall::sizes(most), 20'000);
        EXPECT_LE(*std::ranges::max_element(sizes), most);
        for (const std::uint64_t bound :
             {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{4}, std::uint64_t{5}, most})
            EXPECT_GT(std::ranges::count(sizes, bound), 20) << bound << " of " << most;
    }
    // Between powers of two each of the twenty doublings below 2^20 has its share of the other half.
    const auto sizes = draws(squall::sizes(1 << 20), 100'000);
    for (unsigned digits = 6; digits <= 20; ++digits)
        EXPECT_NEAR(share(sizes,
                          [&](std::uint64_t s) {
                              return static_cast<unsigned>(std::bit_width(s)) == digits &&
                                     !std::has_single_bit(s) && !std::has_single_bit(s - 1) &&
                                     !std::has_single_bit(s + 1);
                          }),
                    0.5 / 22 * (1 - 3 / std::ldexp(1, static_cast<int>(digits) - 1)), 0.003)
            << digits;
}

TEST(Sizes, OfAnyMagnitudeReachEachValue) {
    std::set<std::uint64_t> seen;
    decision_stream random(3, 4);
    for (int i = 0; i < 2000; ++i)
        seen.insert(squall::detail::any_magnitude(random, 9));
    EXPECT_EQ(seen.size(), 10u);
    EXPECT_EQ(*seen.rbegin(), 9u);
    EXPECT_EQ(squall::detail::any_magnitude(random, 0), 0u);
}

TEST(Numbers, StayInTheirRangeAndTouchItsEnds) {
    constexpr auto low = std::numeric_limits<std::int64_t>::min();
    constexpr auto high = std::numeric_limits<std::int64_t>::max();
    const std::vector<std::pair<std::int64_t, std::int64_t>> ranges{
        {-100, 1000}, {1, 2}, {low, high}, {5, 900}};
    for (const auto& [least, most] : ranges) {
        const auto numbers = draws(squall::numbers(least, most), 5000);
        EXPECT_TRUE(std::ranges::all_of(numbers, [&](std::int64_t n) { return n >= least && n <= most; }));
        for (const std::int64_t bound : {least, most})
            EXPECT_GT(std::ranges::count(numbers, bound), 200) << bound;
        if (least < -100 && most > 100) {
            for (const std::int64_t bound : {-1, 0, 1})
                EXPECT_GT(std::ranges::count(numbers, bound), 50) << bound;
            EXPECT_GT(std::ranges::count(numbers, 1024), 2);
        }
    }
}

TEST(Durations, TouchUnitsAndEnds) {
    const auto times = draws(squall::durations(90min), 20'000);
    for (const squall::nanoseconds t :
         {squall::nanoseconds(0ns), squall::nanoseconds(1ns), squall::nanoseconds(1us),
          squall::nanoseconds(999ns), squall::nanoseconds(1001ns), squall::nanoseconds(1s),
          squall::nanoseconds(1h), squall::nanoseconds(90min)})
        EXPECT_GT(std::ranges::count(times, t), 50) << t.count();
    EXPECT_TRUE(std::ranges::all_of(times, [](squall::nanoseconds t) { return t >= 0ns && t <= 90min; }));
}

// By the table of well-formed sequences in the Unicode standard (table 3-7).
bool is_utf8(const std::string& text) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    for (std::size_t i = 0; i < text.size();) {
        const unsigned first = byte(i);
        const int more = first < 0x80   ? 0
                         : first < 0xc2 ? -1
                         : first < 0xe0 ? 1
                         : first < 0xf0 ? 2
                         : first < 0xf5 ? 3
                                        : -1;
        if (more < 0)
            return false;
        for (int k = 1; k <= more; ++k)
            if ((byte(i + static_cast<std::size_t>(k)) & 0xc0) != 0x80)
                return false;
        const unsigned second = byte(i + 1);
        if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
            (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
            return false;
        i += static_cast<std::size_t>(more) + 1;
    }
    return true;
}

TEST(Texts, AreOfTheKindsThatTheySay) {
    for (const std::size_t longest : {std::size_t{8}, std::size_t{1000}}) {
        const auto texts = draws(squall::texts(longest), 10'000);
        EXPECT_TRUE(std::ranges::all_of(texts, [&](const std::string& t) { return t.size() <= longest; }));
        const auto plain = [](const std::string& t) {
            return t.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos;
        };
        const auto has_nul = [](const std::string& t) { return t.find('\0') != std::string::npos; };
        const auto beyond = [](const std::string& t) {
            return is_utf8(t) && std::ranges::any_of(t, [](char c) { return (c & 0x80) != 0; });
        };
        EXPECT_NEAR(share(texts, plain), 0.6, 0.02);  // plain, empty, longest
        EXPECT_NEAR(share(texts, [](const std::string& t) { return t.empty(); }), 0.1, 0.02);
        EXPECT_GT(share(texts, [&](const std::string& t) { return t.size() == longest; }), 0.09);
        EXPECT_NEAR(share(texts, has_nul), 0.1, 0.02);
        EXPECT_NEAR(share(texts, [](const std::string& t) { return !is_utf8(t); }), 0.1, 0.02);
        EXPECT_NEAR(share(texts, beyond), 0.1, 0.02);
        EXPECT_NEAR(
            share(texts,
                  [&](const std::string& t) { return is_utf8(t) && !beyond(t) && !has_nul(t) && !plain(t); }),
            0.1, 0.02);
    }
}

TEST(Bytes, AreOfTheKindsThatTheySay) {
    const auto all = draws(squall::byte_strings(4096), 10'000);
    const auto all_of = [](const std::string& b, char c) {
        return std::ranges::count(b, c) == std::ssize(b);
    };
    EXPECT_TRUE(std::ranges::all_of(all, [](const std::string& b) { return b.size() <= 4096; }));
    EXPECT_GT(share(all, [](const std::string& b) { return b.empty(); }), 0.07);
    EXPECT_GT(share(all, [](const std::string& b) { return b.size() == 4096; }), 0.07);
    const auto longish = [](const std::string& b) { return b.size() > 64; };
    const double of_those = share(all, longish);
    EXPECT_NEAR(share(all, [&](const auto& b) { return longish(b) && all_of(b, '\0'); }), of_those / 6, 0.03);
    EXPECT_NEAR(share(all, [&](const auto& b) { return longish(b) && all_of(b, '\xff'); }), of_those / 6,
                0.03);
    const auto periodic = [](const std::string& b) {
        for (std::size_t period = 1; period <= 8; ++period)
            if (std::equal(b.begin() + static_cast<std::ptrdiff_t>(period), b.end(), b.begin()))
                return true;
        return false;
    };
    EXPECT_NEAR(share(all, [&](const auto& b) { return longish(b) && periodic(b); }), of_those / 2, 0.03);
}

TEST(Again, RepeatsAnEarlierValueWithItsProbability) {
    const auto values = draws(squall::again(0.25, squall::uniform_keys(std::uint64_t{1} << 60), 10), 10'000);
    std::uint64_t repeats = 0;
    for (std::size_t i = 1; i < values.size(); ++i) {
        const auto from = values.begin() + static_cast<std::ptrdiff_t>(i > 60 ? i - 60 : 0);
        const auto here = values.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find(from, here, *here) != here)
            ++repeats;
    }
    EXPECT_NEAR(static_cast<double>(repeats) / 10'000, 0.25, 0.02);
}

TEST(Again, RemembersOnlyTheLast) {
    // Fails if a value is repeated that has left the memory of two fresh ones.
    squall::again generator(0.5, squall::sequential_keys(1'000'000), 2);
    decision_stream random(1, 2);
    std::uint64_t newest = generator(random);
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t value = generator(random);
        EXPECT_GE(value + 1, newest);
        newest = std::max(newest, value);
    }
    EXPECT_LT(newest, 600u);
}

TEST(Again, WithoutAProbabilityItDrawsNothingOfItsOwn) {
    EXPECT_EQ(draws(squall::again(0.0, squall::sizes(1000)), 500), draws(squall::sizes(1000), 500));
}

TEST(Generators, AreFunctionsOfTheStream) {
    EXPECT_EQ(draws(squall::texts(100), 200, 5), draws(squall::texts(100), 200, 5));
    EXPECT_NE(draws(squall::texts(100), 200, 5), draws(squall::texts(100), 200, 6));
    EXPECT_EQ(draws(squall::byte_strings(100), 200, 5), draws(squall::byte_strings(100), 200, 5));
    EXPECT_EQ(draws(squall::durations(1s), 200, 5), draws(squall::durations(1s), 200, 5));
}

TEST(Generators, RefuseRangesWithoutRoomForTheirClasses) {
    EXPECT_THROW(squall::uniform_keys(0), std::invalid_argument);
    EXPECT_THROW(squall::zipf_keys(1), std::invalid_argument);
    EXPECT_THROW(squall::zipf_keys(10, -1), std::invalid_argument);
    EXPECT_THROW(squall::hot_keys(10, 10), std::invalid_argument);
    EXPECT_THROW(squall::hot_keys(10, 5, 1.5), std::invalid_argument);
    EXPECT_THROW(squall::sequential_keys(0), std::invalid_argument);
    EXPECT_THROW(squall::sizes(15), std::invalid_argument);
    EXPECT_THROW(squall::numbers(3, 3), std::invalid_argument);
    EXPECT_THROW(squall::durations(999ns), std::invalid_argument);
    EXPECT_THROW(squall::texts(7), std::invalid_argument);
    EXPECT_THROW(squall::byte_strings(15), std::invalid_argument);
    EXPECT_THROW(squall::again(-0.1, squall::sizes(16)), std::invalid_argument);
    EXPECT_THROW(squall::again(0.1, squall::sizes(16), 0), std::invalid_argument);
}

// Messages of this generator's places (of that prefix) that were evaluated, and whether they were ever true.
std::map<std::string, bool> places(const squall::report& report, const std::string& prefix) {
    std::map<std::string, bool> found;
    for (const auto& row : report.assertions) {
        const std::string message(squall::catalog_at(row.index).detail);
        if (row.runs > 0 && message.starts_with(prefix))
            found[message] = row.times_true > 0;
    }
    return found;
}

template <class Generator>
squall::report campaign(Generator generator, int count) {
    return run_client([=](squall::workload_context& self) mutable -> asio::awaitable<void> {
        for (int i = 0; i < count; ++i)
            generator(self.random());
        co_return;
    });
}

TEST(Generators, EachClassIsReachedInACampaignOfAThousandDraws) {
    // Fails if a class can never be drawn, so that until_sometimes() would never end.
    const auto all_true = [](const auto& generator, const std::string& prefix, std::size_t classes) {
        const auto found = places(campaign(generator, 1000), prefix);
        EXPECT_EQ(found.size(), classes) << prefix;
        for (const auto& [message, held] : found)
            EXPECT_TRUE(held) << message;
    };
    all_true(squall::uniform_keys(50), "uniform keys", 2);
    all_true(squall::zipf_keys(50), "zipf keys", 2);
    all_true(squall::hot_keys(50, 5), "hot keys", 2);
    all_true(squall::sequential_keys(50), "sequential keys", 1);
    all_true(squall::sizes(16), "sizes", 7);
    all_true(squall::sizes(greatest), "sizes", 7);
    all_true(squall::numbers(-5, 5), "numbers", 3);
    all_true(squall::durations(1us), "durations", 5);
    all_true(squall::durations(24h * 365), "durations", 5);
    all_true(squall::texts(8), "texts", 7);
    all_true(squall::byte_strings(16), "bytes", 6);
    all_true(squall::again(0.1, squall::uniform_keys(9)), "again", 1);
}

TEST(Generators, AClassThatWasNotDrawnShows) {
    // Fails if a blind spot passes for covered.
    const auto report = campaign(squall::hot_keys(50, 5, 1.0), 100);
    EXPECT_THAT(report.never_true, ::testing::Contains(::testing::HasSubstr("hot keys: one of the others")));
    EXPECT_TRUE(places(report, "hot keys").at("hot keys: a hot one"));
    EXPECT_TRUE(places(report, "sizes").empty());
}

}  // namespace
