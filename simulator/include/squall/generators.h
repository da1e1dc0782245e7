// Data for workloads: keys, sizes, numbers, durations and repeats, each leaning towards the values that break
// things. text_generators.h has texts and bytes.
//
//   squall::zipf_keys accounts(100);
//   squall::sizes lengths(64 * 1024);
//   squall::again requests(0.1, squall::uniform_keys(1'000'000));  // one in ten is an earlier one again
//   ... accounts(call.random), lengths(call.random), requests(call.random) ...
//
// A generator is called with the stream to draw from. It carries sometimes-assertions on the classes of
// values that are worth a test, so that a class which a campaign never drew shows in its report. They are
// places of the program only where the generator is used, and a campaign of enough draws reaches each.
// Generators with a memory (sequential_keys, again) belong to one operation: shared by several, what one
// draws depends on the others.
#ifndef SQUALL_GENERATORS_H
#define SQUALL_GENERATORS_H

#include <squall/assertions.h>
#include <squall/decisions.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace squall {

namespace detail {
// std::invalid_argument with "squall: " and this text, unless it holds.
inline void require(bool holds, const char* text) {
    if (!holds)
        throw std::invalid_argument(std::string("squall: ") + text);
}
// In [0, most]: 0, or of a number of binary digits that is uniform over all that fit: heavy-tailed, each
// doubling as likely as the one before. Above 0 in all but 1 of (digits of most) + 1.
std::uint64_t any_magnitude(decision_stream& random, std::uint64_t most) noexcept;
std::uint64_t drawn_size(decision_stream& random, std::uint64_t most) noexcept;
std::int64_t drawn_number(decision_stream& random, std::int64_t least, std::int64_t most) noexcept;
std::chrono::nanoseconds drawn_duration(decision_stream& random, std::chrono::nanoseconds longest) noexcept;
bool whole_unit(std::chrono::nanoseconds time) noexcept;
constexpr bool power_of_two(std::uint64_t value) noexcept {
    return value != 0 && (value & (value - 1)) == 0;
}
}  // namespace detail

// Keys are numbers in [0, count); count is at least 1, or std::invalid_argument is thrown.

// Each equally likely.
class uniform_keys {
public:
    explicit uniform_keys(std::uint64_t count) : count_(count) {
        detail::require(count > 0, "uniform_keys of no key");
    }
    std::uint64_t operator()(decision_stream& random) const {
        const std::uint64_t key = random.below(count_);
        SQUALL_SOMETIMES(key == 0, "uniform keys: the first");
        SQUALL_SOMETIMES(key == count_ - 1, "uniform keys: the last");
        return key;
    }

private:
    std::uint64_t count_;
};

// Key k with a probability proportional to 1 / (k + 1)^exponent, as decision_stream::zipf(), from a table of
// 8 bytes a key: O(count) once, O(log count) a draw. The default exponent is that of YCSB. Two keys at least,
// an exponent of at least 0.
class zipf_keys {
public:
    explicit zipf_keys(std::uint64_t count, double exponent = 0.99);
    std::uint64_t operator()(decision_stream& random) const {
        const std::uint64_t key = rank(random.real());
        SQUALL_SOMETIMES(key == 0, "zipf keys: the most frequent");
        SQUALL_SOMETIMES(key >= cumulated_.size() / 2, "zipf keys: one of the rarer half");
        return key;
    }

private:
    std::uint64_t rank(double uniform) const noexcept;
    std::vector<double> cumulated_;
};

// One of the first `hot` keys with probability p_hot in [0, 1], else one of the others; 0 < hot < count.
class hot_keys {
public:
    hot_keys(std::uint64_t count, std::uint64_t hot, double p_hot = 0.9)
        : count_(count),
          hot_(hot),
          p_hot_(p_hot) {
        detail::require(hot > 0 && hot < count, "hot_keys needs hot keys and others");
        detail::require(p_hot >= 0 && p_hot <= 1, "hot_keys with a probability outside of [0, 1]");
    }
    std::uint64_t operator()(decision_stream& random) const {
        const bool hot = random.chance(p_hot_);
        SQUALL_SOMETIMES(hot, "hot keys: a hot one");
        SQUALL_SOMETIMES(!hot, "hot keys: one of the others");
        return hot ? random.below(hot_) : hot_ + random.below(count_ - hot_);
    }

private:
    std::uint64_t count_, hot_;
    double p_hot_;
};

// 0, 1, 2, ... and over again; draws nothing.
class sequential_keys {
public:
    explicit sequential_keys(std::uint64_t count) : count_(count) {
        detail::require(count > 0, "sequential_keys of no key");
    }
    std::uint64_t operator()(decision_stream&) {
        const std::uint64_t key = next_ % count_;
        ++next_;
        SQUALL_SOMETIMES(next_ > count_, "sequential keys: over again");
        return key;
    }

private:
    std::uint64_t count_;
    std::uint64_t next_ = 0;
};

// Lengths, counts and capacities in [0, most], most at least 16: half of them 0, 1, a power of two or a
// neighbour of one, or the most; the other half of any magnitude, which is heavy-tailed.
class sizes {
public:
    explicit sizes(std::uint64_t most) : most_(most) {
        detail::require(most >= 16, "sizes up to less than 16 has no room for its classes");
    }
    std::uint64_t operator()(decision_stream& random) const {
        const std::uint64_t size = detail::drawn_size(random, most_);
        SQUALL_SOMETIMES(size == 0, "sizes: 0");
        SQUALL_SOMETIMES(size == 1, "sizes: 1");
        SQUALL_SOMETIMES(size > 1 && detail::power_of_two(size), "sizes: a power of two");
        SQUALL_SOMETIMES(size > 2 && detail::power_of_two(size + 1), "sizes: one below a power of two");
        SQUALL_SOMETIMES(size > 2 && detail::power_of_two(size - 1), "sizes: one above a power of two");
        SQUALL_SOMETIMES(size == most_, "sizes: the most");
        SQUALL_SOMETIMES(size > most_ / 2 && size < most_, "sizes: above half of the most");
        return size;
    }

private:
    std::uint64_t most_;
};

// Values in [least, most], least < most: half of them an end of the range, 0 or 1 of either sign, or a power
// of two of either sign or a neighbour of one (what lies outside counts as the nearer end); the other half
// uniform.
class numbers {
public:
    numbers(std::int64_t least, std::int64_t most) : least_(least), most_(most) {
        detail::require(least < most, "numbers of a range without two values");
    }
    std::int64_t operator()(decision_stream& random) const {
        const std::int64_t value = detail::drawn_number(random, least_, most_);
        SQUALL_SOMETIMES(value == least_, "numbers: the least");
        SQUALL_SOMETIMES(value == most_, "numbers: the most");
        SQUALL_SOMETIMES_EACH("numbers: negative, 0 and positive", "sign", (value > 0) - (value < 0));
        return value;
    }

private:
    std::int64_t least_, most_;
};

// Delays, time-outs and times to live in [0, longest], longest at least 1 us: half of them 0, 1 ns, the
// longest, or a whole microsecond, millisecond, second, minute, hour or day or 1 ns beside it; the other half
// of any magnitude.
class durations {
public:
    explicit durations(std::chrono::nanoseconds longest) : longest_(longest) {
        detail::require(longest >= std::chrono::microseconds(1), "durations up to less than 1 us");
    }
    std::chrono::nanoseconds operator()(decision_stream& random) const {
        using std::chrono::nanoseconds;
        const nanoseconds time = detail::drawn_duration(random, longest_);
        SQUALL_SOMETIMES(time == nanoseconds(0), "durations: 0");
        SQUALL_SOMETIMES(time == nanoseconds(1), "durations: 1 ns");
        SQUALL_SOMETIMES(detail::whole_unit(time), "durations: one whole unit");
        SQUALL_SOMETIMES(time == longest_, "durations: the longest");
        SQUALL_SOMETIMES(time > longest_ / 2 && time < longest_, "durations: above half of the longest");
        return time;
    }

private:
    std::chrono::nanoseconds longest_;
};

// What another generator draws, or with probability p in [0, 1] one of the last `remember` (at least 1)
// values that it gave: for requests that come twice, and keys that were used before. With p = 0 it draws
// nothing of its own.
template <class Generator>
class again {
public:
    using value_type = std::decay_t<std::invoke_result_t<Generator&, decision_stream&>>;

    again(double p, Generator fresh, std::size_t remember = 64)
        : fresh_(std::move(fresh)),
          p_(p),
          remember_(remember) {
        detail::require(p >= 0 && p <= 1, "again with a probability outside of [0, 1]");
        detail::require(remember > 0, "again without a memory");
    }
    value_type operator()(decision_stream& random) {
        const bool repeat = p_ > 0 && random.chance(p_) && !earlier_.empty();
        if (p_ > 0)
            note(repeat);
        if (repeat)
            return random.choice(earlier_);
        value_type value = fresh_(random);
        if (p_ <= 0)
            return value;
        if (earlier_.size() < remember_)
            earlier_.push_back(value);
        else
            earlier_[oldest_++ % remember_] = value;
        return value;
    }

private:
    static void note(bool repeat) { SQUALL_SOMETIMES(repeat, "again: an earlier value"); }

    Generator fresh_;
    double p_;
    std::size_t remember_;
    std::size_t oldest_ = 0;
    std::vector<value_type> earlier_;
};

}  // namespace squall

#endif  // SQUALL_GENERATORS_H
