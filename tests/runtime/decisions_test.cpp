// Decisions: test vectors, and the distributions drawn from them.
//
// The statistical tests draw from fixed seeds, so that they pass or fail for good. Thresholds are quantiles
// of the distribution of the statistic that leave less than one in a million to chance.
#include <squall/decisions.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <vector>

namespace {

using squall::decision_stream;
using squall::mix;

// Upper quantile of the chi-square distribution at about 1 - 1e-6 (Wilson and Hilferty, 1931; z = 4.75).
double chi_square_limit(double degrees) {
    const double a = 2.0 / (9.0 * degrees);
    const double base = 1.0 - a + 4.75 * std::sqrt(a);
    return degrees * base * base * base;
}

double chi_square(const std::vector<std::uint64_t>& counts, std::uint64_t total) {
    const double expected = static_cast<double>(total) / static_cast<double>(counts.size());
    double sum = 0;
    for (const auto count : counts) {
        const double off = static_cast<double>(count) - expected;
        sum += off * off / expected;
    }
    return sum;
}

template <class Draw>
void expect_uniform_bytes(const char* what, Draw draw) {
    constexpr std::uint64_t draws = 1 << 18;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        std::vector<std::uint64_t> counts(256);
        for (std::uint64_t i = 0; i < draws; ++i)
            ++counts[(draw(i) >> shift) & 0xff];
        EXPECT_LT(chi_square(counts, draws), chi_square_limit(255)) << what << ", bits from " << shift;
    }
}

// Pairs of draws that differ by one in one argument: their joint distribution is uniform, and each bit of
// the difference is flipped half of the time.
template <class Draw>
void expect_independent_neighbours(const char* what, Draw draw) {
    constexpr std::uint64_t pairs = 1 << 18;
    for (unsigned shift = 0; shift < 64; shift += 4) {
        std::vector<std::uint64_t> counts(256);
        for (std::uint64_t i = 0; i < pairs; ++i)
            ++counts[((draw(i) >> shift) & 0xf) * 16 + ((draw(i + 1) >> shift) & 0xf)];
        EXPECT_LT(chi_square(counts, pairs), chi_square_limit(255)) << what << ", bits from " << shift;
    }
    std::array<std::uint64_t, 64> flips{};
    for (std::uint64_t i = 0; i < pairs; ++i) {
        const std::uint64_t changed = draw(i) ^ draw(i + 1);
        for (unsigned bit = 0; bit < 64; ++bit)
            flips[bit] += (changed >> bit) & 1;
    }
    const double sigma = std::sqrt(static_cast<double>(pairs)) / 2;
    for (unsigned bit = 0; bit < 64; ++bit)
        EXPECT_NEAR(static_cast<double>(flips[bit]), static_cast<double>(pairs) / 2, 5.5 * sigma)
            << what << ", bit " << bit;
}

// Fails if any constant or step of mix() changes: seeds, recipes and vetoes kept by users would then mean
// something else. docs/reference/decisions.md has the same table.
TEST(Decisions, MixHasItsTestVectors) {
    struct vector {
        std::uint64_t seed, stream, index, bits;
    };
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    constexpr vector vectors[] = {
        {0, 0, 0, 0x1cd364143cce4aaeu},
        {0, 0, 1, 0x74152ffafb44a602u},
        {0, 1, 0, 0xb65fb670a97a935eu},
        {1, 0, 0, 0x5c5b2489b31beb7bu},
        {1, 2, 3, 0xfd832bc5946a59adu},
        {42, 0x9e3779b97f4a7c15u, 1000000, 0xdfc04ae9f2096cd6u},
        {most, most, most, 0x5601b840d45706d7u},
        {0x0123456789abcdefu, 0xfedcba9876543210u, 7, 0x43af0ffe66485381u},
    };
    for (const auto& v : vectors)
        EXPECT_EQ(mix(v.seed, v.stream, v.index), v.bits) << v.seed << ' ' << v.stream << ' ' << v.index;
    static_assert(mix(0, 0, 0) == 0x1cd364143cce4aaeu, "and at compile time");
}

// Fails if the text hash or the derivation of stream keys changes.
TEST(Decisions, StreamKeysHaveTheirTestVectors) {
    EXPECT_EQ(squall::text_hash(""), 0xcbf29ce484222325u);
    EXPECT_EQ(squall::text_hash("a"), 0xaf63dc4c8601ec8cu);  // as published with FNV-1a
    EXPECT_EQ(squall::text_hash("foobar"), 0x85944171f73967e8u);
    EXPECT_EQ(squall::text_hash("\xff"), 0xaf64724c8602eb6eu) << "bytes are unsigned";
    EXPECT_EQ(squall::scramble(1), 0x5692161d100b05e5u);
    EXPECT_EQ(squall::stream_key("squall"), 0x3ae85721a7bde7cau);
    EXPECT_EQ(squall::stream_key(1, 2), 0x57891677a147f34au);
}

// Fails if the splitmix64 finaliser is not the published one: the first outputs of splitmix64 seeded with 0.
TEST(Decisions, ScrambleIsTheFinaliserOfSplitmix64) {
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;
    EXPECT_EQ(squall::scramble(golden), 0xe220a8397b1dcdafu);
    EXPECT_EQ(squall::scramble(2 * golden), 0x6e789e6aa1b965f4u);
    EXPECT_EQ(squall::scramble(3 * golden), 0x06c45d188009454fu);
}

// Fails if some argument is mixed in weakly: bytes of the result would not be uniform along it.
TEST(Decisions, BitsAreUniformAlongSeedsStreamsAndIndices) {
    expect_uniform_bytes("indices", [](std::uint64_t i) { return mix(7, 11, i); });
    expect_uniform_bytes("streams", [](std::uint64_t i) { return mix(7, i, 11); });
    expect_uniform_bytes("seeds", [](std::uint64_t i) { return mix(i, 7, 11); });
    expect_uniform_bytes("spaced seeds", [](std::uint64_t i) { return mix(i << 32, 7, 11); });
    constexpr auto key = squall::stream_key("site");
    expect_uniform_bytes("named streams",
                         [](std::uint64_t i) { return mix(1, squall::stream_key(key, i), 0); });
}

// Fails if neighbours share luck: seed n and n + 1 giving alike runs, or site n and n + 1 firing together.
TEST(Decisions, NeighboursAreIndependent) {
    expect_independent_neighbours("indices", [](std::uint64_t i) { return mix(3, 5, i); });
    expect_independent_neighbours("streams", [](std::uint64_t i) { return mix(3, i, 5); });
    expect_independent_neighbours("seeds", [](std::uint64_t i) { return mix(i, 3, 5); });
    expect_independent_neighbours("all three", [](std::uint64_t i) { return mix(i, i, i); });
}

// Fails if arguments can stand in for each other, as with a sum or an exclusive or of them.
TEST(Decisions, ArgumentsDoNotCancelOut) {
    std::set<std::uint64_t> seen;
    for (std::uint64_t a = 0; a < 40; ++a)
        for (std::uint64_t b = 0; b < 40; ++b)
            for (std::uint64_t c = 0; c < 40; ++c)
                seen.insert(mix(a, b, c));
    EXPECT_EQ(seen.size(), 64000u);
}

// Fails if below() can return the bound, or leaves a value out.
TEST(Decisions, BelowStaysBelowAndReachesAll) {
    decision_stream draws(1, 2);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(draws.below(1), 0u);
    for (std::uint64_t bound : {2u, 3u, 7u, 10u}) {
        std::set<std::uint64_t> seen;
        for (int i = 0; i < 1000; ++i) {
            const auto value = draws.below(bound);
            ASSERT_LT(value, bound);
            seen.insert(value);
        }
        EXPECT_EQ(seen.size(), bound);
    }
}

// Fails if large bounds are biased or overflow: a plain remainder by 2^63 + 1 would give nearly every
// value of the lower half twice as often; without rejection, multiplication does the same to every other.
TEST(Decisions, BelowIsUnbiasedForTheLargestBounds) {
    decision_stream draws(5, 6);
    constexpr std::uint64_t half = std::uint64_t{1} << 63;
    for (std::uint64_t bound : {half + 1, half, half - 1, ~std::uint64_t{0}, (half / 2) * 3}) {
        constexpr std::uint64_t total = 40000;
        std::vector<std::uint64_t> counts(16);
        std::vector<std::uint64_t> low_bits(16);
        for (std::uint64_t i = 0; i < total; ++i) {
            const auto value = draws.below(bound);
            ASSERT_LT(value, bound);
            ++counts[static_cast<std::size_t>(static_cast<double>(value) / static_cast<double>(bound) *
                                              15.999999)];
            ++low_bits[value & 15];
        }
        EXPECT_LT(chi_square(counts, total), chi_square_limit(15)) << bound;
        EXPECT_LT(chi_square(low_bits, total), chi_square_limit(15)) << bound;
    }
    // Rejections happen: for 2^63 + 1 nearly every second draw is thrown away.
    decision_stream counted(5, 7);
    for (int i = 0; i < 10000; ++i)
        counted.below(half + 1);
    EXPECT_NEAR(static_cast<double>(counted.index()), 20000, 1000);
}

// Fails if a range of all 64-bit values, or one across zero, overflows.
TEST(Decisions, RangeTakesAnyTwoEnds) {
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    decision_stream draws(9, 9);
    bool negative = false;
    bool positive = false;
    for (int i = 0; i < 1000; ++i) {
        const auto any = draws.range(lowest, highest);
        negative = negative || any < lowest / 2;
        positive = positive || any > highest / 2;
        EXPECT_EQ(draws.range(lowest, lowest), lowest);
        EXPECT_EQ(draws.range(highest, highest), highest);
        const auto near = draws.range(-1, 1);
        EXPECT_TRUE(near >= -1 && near <= 1);
        EXPECT_LT(draws.range(lowest, -1), 0);
    }
    EXPECT_TRUE(negative && positive);
    std::set<std::int64_t> dice;
    for (int i = 0; i < 1000; ++i)
        dice.insert(draws.range(1, 6));
    EXPECT_EQ(dice, (std::set<std::int64_t>{1, 2, 3, 4, 5, 6}));
}

// Fails if unit_real can be 1, or if p = 0 ever happens or p = 1 ever fails to.
TEST(Decisions, ChanceIsExactAtItsEnds) {
    EXPECT_EQ(squall::unit_real(0), 0.0);
    EXPECT_LT(squall::unit_real(~std::uint64_t{0}), 1.0);
    for (std::uint64_t bits : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
        EXPECT_FALSE(squall::chance(bits, 0.0));
        EXPECT_FALSE(squall::chance(bits, -1.0));
        EXPECT_TRUE(squall::chance(bits, 1.0));
        EXPECT_TRUE(squall::chance(bits, 2.0));
    }
    decision_stream draws(2, 3);
    int hits = 0;
    for (int i = 0; i < 100000; ++i)
        hits += draws.chance(0.25) ? 1 : 0;
    EXPECT_NEAR(hits, 25000, 5 * std::sqrt(100000 * 0.25 * 0.75));
}

// Fails if portable_log is off by more than the rounding of a few operations anywhere in its range.
TEST(Decisions, PortableLogIsTheLogarithm) {
    decision_stream draws(4, 4);
    const auto check = [](double x) {
        const double want = std::log(x);
        EXPECT_NEAR(squall::portable_log(x), want, 2e-15 * std::max(std::abs(want), 1e-300)) << x;
    };
    EXPECT_EQ(squall::portable_log(1.0), 0.0);
    for (double x : {0.5, 2.0, 1.4142135623730951, 1.4142135623730949, 0.7071067811865476, 10.0, DBL_MIN,
                     DBL_MAX, 0x1.0p-53, std::nextafter(1.0, 0.0), std::nextafter(1.0, 2.0), 0.999, 1.001})
        check(x);
    for (int i = 0; i < 100000; ++i) {
        check(1.0 - draws.real());  // what exponential() asks for
        check(std::bit_cast<double>(draws.next() % (0x7fefffffffffffffu - 0x0010000000000000u) +
                                    0x0010000000000000u));
    }
}

// Fails if the logarithm depends on the platform: these are its bits.
TEST(Decisions, PortableLogHasItsTestVectors) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(squall::portable_log(0.1)), 0xc0026bb1bbb55515u);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(squall::portable_log(3.0)), 0x3ff193ea7aad030au);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(squall::portable_log(0x1.0p-53)), 0xc0425e4f7b2737fau);
    EXPECT_EQ(decision_stream(1, 2).exponential(std::chrono::seconds(1)).count(), 885801514);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(decision_stream(1, 2).real(0.1, 0.7)), 0x3fdcf6e7b7f80380u);
}

// Fails if delays are not exponential: wrong mean, wrong variance, a tail that is too thin, or one without an
// end.
TEST(Decisions, ExponentialHasItsMeanItsTailAndItsEnd) {
    using namespace std::chrono_literals;
    decision_stream draws(11, 12);
    constexpr int total = 200000;
    constexpr double mean = 1e6;
    double sum = 0;
    double squares = 0;
    int beyond_five = 0;
    for (int i = 0; i < total; ++i) {
        const auto value = static_cast<double>(draws.exponential(1ms).count());
        ASSERT_GE(value, 0);
        ASSERT_LE(value, 20 * mean);
        sum += value;
        squares += value * value;
        beyond_five += value > 5 * mean ? 1 : 0;
    }
    EXPECT_NEAR(sum / total, mean, 5 * mean / std::sqrt(total));
    EXPECT_NEAR(squares / total, 2 * mean * mean, 5 * std::sqrt(20.0 / total) * mean * mean);
    const double tail = std::exp(-5.0);
    EXPECT_NEAR(beyond_five, total * tail, 5 * std::sqrt(total * tail));
    EXPECT_EQ(draws.exponential(0ns), 0ns);
}

// Fails if the cut-off is not at 20 means: the one choice in 2^53 that has no logarithm left.
TEST(Decisions, TheLongestExponentialIsTwentyMeans) {
    EXPECT_GT(-squall::portable_log(0x1.0p-53), 20.0) << "the cut-off can be reached";
    // A stream whose first choice lies far out cannot be asked for; this one is found by search, beyond 12
    // means.
    std::chrono::nanoseconds longest{0};
    decision_stream draws(13, 14);
    for (int i = 0; i < 1000000; ++i)
        longest = std::max(longest, draws.exponential(std::chrono::seconds(1)));
    EXPECT_GT(longest, std::chrono::seconds(11));
    EXPECT_LE(longest, std::chrono::seconds(20));
}

// Fails if an order is left out or preferred, as with the well-known wrong ways to shuffle.
TEST(Decisions, ShuffleGivesEachOrderEqually) {
    decision_stream draws(21, 22);
    std::map<std::array<int, 4>, std::uint64_t> orders;
    constexpr std::uint64_t total = 48000;
    for (std::uint64_t i = 0; i < total; ++i) {
        std::array items{1, 2, 3, 4};
        draws.shuffle(items);
        ++orders[items];
    }
    ASSERT_EQ(orders.size(), 24u);
    std::vector<std::uint64_t> counts;
    for (const auto& [order, count] : orders)
        counts.push_back(count);
    EXPECT_LT(chi_square(counts, total), chi_square_limit(23));
    std::vector<int> none;
    draws.shuffle(none);
    EXPECT_TRUE(none.empty());
}

// Fails if a copy of a stream is not the same stream, or an index does not name a choice.
TEST(Decisions, AStreamCanBeEnteredAnywhere) {
    decision_stream from_start(1, 2);
    for (int i = 0; i < 10; ++i)
        from_start.next();
    decision_stream in_the_middle(1, 2, 10);
    EXPECT_EQ(from_start.next(), in_the_middle.next());
    EXPECT_EQ(from_start.index(), 11u);
    const std::array letters{'a', 'b', 'c'};
    std::set<char> seen;
    for (int i = 0; i < 100; ++i)
        seen.insert(from_start.choice(letters));
    EXPECT_EQ(seen.size(), 3u);
}

// Fails if a draw changes: docs/reference/decisions.md has the same table, which an independent
// implementation gives.
TEST(Decisions, DistributionsHaveTheirTestVectors) {
    const auto bits = [](double value) { return std::bit_cast<std::uint64_t>(value); };
    const auto fresh = [] { return decision_stream(1, 2); };
    EXPECT_EQ(bits(fresh().normal(10, 3)), 0x4024a785f5dcd40fu);
    EXPECT_EQ(bits(fresh().pareto(2, 1.5)), 0x400ce116002d8b27u);
    EXPECT_EQ(fresh().geometric(0.01), 88u);
    decision_stream zipf = fresh();
    for (const std::uint64_t rank : {8u, 72u, 1u})
        EXPECT_EQ(zipf.zipf(100, 1.1), rank);
    decision_stream weighted = fresh();
    const std::array<double, 4> weights{1, 0, 2.5, 4};
    for (const std::size_t index : {3u, 3u, 2u, 3u, 2u, 0u, 3u, 0u})
        EXPECT_EQ(weighted.weighted(weights), index);
    EXPECT_EQ(fresh().text(12), "v8k9lcvazhls");
    EXPECT_EQ(fresh().bytes(11), "\xb9\xaf\x6c\x75\xca\x08\x6e\x96\xff\x79\x8c");
    const std::vector<int> ten{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    EXPECT_EQ(fresh().sample(ten, 4), (std::vector<int>{5, 9, 4, 1}));
    decision_stream exponential = fresh();
    EXPECT_EQ(exponential.exponential(std::chrono::seconds(1)).count(), 885801514);
    EXPECT_EQ(exponential.exponential(std::chrono::seconds(1)).count(), 3039631568);
    EXPECT_EQ(bits(squall::portable_exp(1)), 0x4005bf0a8b14576au);
    EXPECT_EQ(bits(squall::portable_exp(-3.7)), 0x3f99511fc6871044u);
}

// Fails if exp() or the table behind exponential() is off by more than rounding.
TEST(Decisions, ExponentialsAgreeWithTheLibrary) {
    for (double x = -690; x < 690; x += 0.37)
        EXPECT_NEAR(squall::portable_exp(x) / std::exp(x), 1, 4e-15) << x;
    EXPECT_EQ(squall::portable_exp(-800), 0);
    EXPECT_EQ(squall::portable_exp(0), 1);
    for (std::uint64_t i = 0; i < 20000; ++i) {
        const std::uint64_t bits = mix(9, 9, i);
        const double expected = std::min(20.0, -std::log1p(-squall::unit_real(bits))) * 1e9;
        EXPECT_NEAR(static_cast<double>(squall::exponential_of(bits, std::chrono::seconds(1)).count()),
                    expected, 1.5);
    }
    EXPECT_EQ(squall::exponential_of(0, std::chrono::seconds(1)).count(), 0);
    EXPECT_EQ(squall::exponential_of(~std::uint64_t{0}, std::chrono::seconds(1)).count(), 20'000'000'000);
}

// Fails if a distribution's shape is not what its name says.
TEST(Decisions, DistributionsHaveTheirShapes) {
    decision_stream draws(3, 4);
    constexpr int n = 40000;
    double sum = 0;
    double squares = 0;
    int beyond_two = 0;
    for (int i = 0; i < n; ++i) {
        const double x = draws.normal(5, 2);
        sum += x;
        squares += (x - 5) * (x - 5);
        beyond_two += std::abs(x - 5) > 4 ? 1 : 0;
    }
    EXPECT_NEAR(sum / n, 5, 5 * 2 / std::sqrt(n));
    EXPECT_NEAR(squares / n, 4, 5 * 4 * std::sqrt(2.0 / n));
    EXPECT_NEAR(beyond_two, n * 0.0455, 5 * std::sqrt(n * 0.0455));
    int above = 0;
    double geometric = 0;
    for (int i = 0; i < n; ++i) {
        const double x = draws.pareto(1, 2);
        ASSERT_GE(x, 1);
        above += x > 2 ? 1 : 0;  // with a chance of 2^-2
        geometric += static_cast<double>(draws.geometric(0.2));
    }
    EXPECT_NEAR(above, n / 4.0, 5 * std::sqrt(n * 0.1875));
    EXPECT_NEAR(geometric / n, 4, 5 * std::sqrt(20.0 / n));
    EXPECT_EQ(draws.geometric(1), 0u);
    const std::array<double, 5> weights{3, 0, 1, 2, 4};
    std::array<std::uint64_t, 5> counts{};
    for (int i = 0; i < n; ++i)
        ++counts[draws.weighted(weights)];
    EXPECT_EQ(counts[1], 0u);
    for (std::size_t i = 0; i < weights.size(); ++i)
        EXPECT_NEAR(static_cast<double>(counts[i]), n * weights[i] / 10, 5 * std::sqrt(n * 0.25));
    std::array<int, 4> ranks{};
    for (int i = 0; i < n; ++i)
        ++ranks[draws.zipf(4, 1)];
    const double whole = 1 + 1.0 / 2 + 1.0 / 3 + 1.0 / 4;
    for (std::size_t r = 0; r < 4; ++r)
        EXPECT_NEAR(ranks[r], n / (static_cast<double>(r + 1) * whole), 5 * std::sqrt(n * 0.25));
}

// Fails if a sample repeats an element, is not as long as asked, or favours some.
TEST(Decisions, SamplesAreWithoutReplacement) {
    decision_stream draws(5, 6);
    const std::vector<int> from{10, 20, 30, 40, 50};
    std::map<int, int> seen;
    for (int i = 0; i < 10000; ++i) {
        const auto two = draws.sample(from, 2);
        ASSERT_EQ(two.size(), 2u);
        ASSERT_NE(two[0], two[1]);
        ++seen[two[0]];
        ++seen[two[1]];
    }
    for (const int value : from)
        EXPECT_NEAR(seen[value], 4000, 5 * std::sqrt(10000 * 0.24));
    EXPECT_EQ(draws.sample(from, 9).size(), 5u);
    EXPECT_TRUE(draws.sample(from, 0).empty());
    EXPECT_EQ(draws.text(0), "");
    EXPECT_EQ(draws.text(3, "x"), "xxx");
    EXPECT_EQ(draws.bytes(1000).size(), 1000u);
}

}  // namespace
