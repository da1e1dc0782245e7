// What a sequential model is: the specification that a history is held against. models.h has the usual ones.
//
//   struct my_model {
//       using state = ...;    // ==, and a hash: see below
//       using input = ...;
//       using output = ...;
//       state init() const;
//       // Either: does the input to the state and says the answer. The output then needs ==.
//       output apply(state& now, const input& in) const;
//       // Or, for what answers have a choice, or where copies of states are dear: the state after, or
//       nothing
//       // where the input cannot have had that output. An output that is not known may be any.
//       std::optional<state> step(const state& now, const input& in, const std::optional<output>& out) const;
//       std::string describe(const input& in, const std::optional<output>& out) const;
//
//       // As it likes:
//       auto key(const input& in) const;            // operations with different keys have nothing to do with
//                                                   // each other; needs < and text_of() of it
//       bool reads_only(const input& in, const std::optional<output>& out) const;
//                                                   // changes no state whatever, given that output
//       std::string describe_state(const state& now) const;
//       // Which of two operations that could be next is more likely so: the one with less. For the speed of
//       the
//       // search alone. For each of the calls of one partition, which are in order.
//       std::vector<std::uint64_t> order_hints(const std::vector<const operation<input, output>*>& calls)
//       const;
//   };
//
// State hashes: of arithmetic types, enumerations, text, and optionals, pairs, tuples and ordered containers
// of such; others have a hash_value(const state&) found by argument-dependent lookup, or a std::hash.
#ifndef SQUALL_SEQUENTIAL_MODEL_H
#define SQUALL_SEQUENTIAL_MODEL_H

#include <squall/decisions.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <ranges>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace squall {

namespace detail {

template <class T>
concept text_like = std::convertible_to<const T&, std::string_view>;
template <class T>
concept optional_like = requires(const T& v) {
    { v.has_value() } -> std::same_as<bool>;
    *v;
};
template <class T>
concept tuple_like = requires { std::tuple_size<T>::value; } && !std::ranges::range<T>;

template <class T>
std::uint64_t hash_of(const T& value) {
    if constexpr (requires { static_cast<std::uint64_t>(hash_value(value)); }) {
        return scramble(static_cast<std::uint64_t>(hash_value(value)) + golden_step);
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
        return scramble(static_cast<std::uint64_t>(value) + golden_step);
    } else if constexpr (text_like<T>) {
        return scramble(text_hash(value));
    } else if constexpr (optional_like<T>) {
        return value.has_value() ? scramble(hash_of(*value)) : golden_step;
    } else if constexpr (tuple_like<T>) {
        std::uint64_t hash = golden_step;
        std::apply([&](const auto&... each) { ((hash = scramble(hash + hash_of(each))), ...); }, value);
        return hash;
    } else if constexpr (std::ranges::range<T>) {
        static_assert(
            !requires { typename T::hasher; },
            "equal unordered containers may differ in order: give the state a hash_value()");
        std::uint64_t hash = golden_step;
        for (const auto& each : value)
            hash = scramble(hash + hash_of(each));
        return hash;
    } else {
        return scramble(static_cast<std::uint64_t>(std::hash<T>()(value)));
    }
}

// About what a value holds beyond its own size, in bytes; what is hidden in types of one's own counts
// nothing.
template <class T>
std::uint64_t held_bytes(const T& value) {
    if constexpr (text_like<T>) {
        const std::size_t size = std::string_view(value).size();
        return size < 16 ? 0 : size + 16;
    } else if constexpr (optional_like<T>) {
        return value.has_value() ? held_bytes(*value) : 0;
    } else if constexpr (tuple_like<T>) {
        return std::apply([](const auto&... each) { return (std::uint64_t{0} + ... + held_bytes(each)); },
                          value);
    } else if constexpr (std::ranges::range<T>) {
        std::uint64_t sum = 0;
        for (const auto& each : value)
            sum += sizeof each + held_bytes(each) + (std::ranges::contiguous_range<T> ? 0 : 32);
        return sum;
    } else {
        return 0;
    }
}

template <class M>
concept has_step = requires(const M& model, const typename M::state& now, const typename M::input& in,
                            const std::optional<typename M::output>& out) {
    { model.step(now, in, out) } -> std::convertible_to<std::optional<typename M::state>>;
};
template <class M>
concept has_apply = requires(const M& model, typename M::state& now, const typename M::input& in) {
    { model.apply(now, in) } -> std::convertible_to<typename M::output>;
    requires std::equality_comparable<typename M::output>;
};
template <class M>
concept has_key = requires(const M& model, const typename M::input& in) { model.key(in); };

template <class M>
std::optional<typename M::state> model_step(const M& model, const typename M::state& now,
                                            const typename M::input& in,
                                            const std::optional<typename M::output>& out) {
    if constexpr (has_step<M>) {
        return model.step(now, in, out);
    } else {
        std::optional<typename M::state> next(now);
        const typename M::output answer = model.apply(*next, in);
        if (out && !(*out == answer))
            next.reset();
        return next;
    }
}

template <class M>
bool model_reads_only(const M& model, const typename M::input& in,
                      const std::optional<typename M::output>& out) {
    if constexpr (requires { model.reads_only(in, out); })
        return model.reads_only(in, out);
    else
        return false;
}

}  // namespace detail

template <class M>
concept sequential_model =
    std::equality_comparable<typename M::state> && (detail::has_step<M> || detail::has_apply<M>) &&
    requires(const M& model, const typename M::input& in, const std::optional<typename M::output>& out) {
        { model.init() } -> std::convertible_to<typename M::state>;
        { model.describe(in, out) } -> std::convertible_to<std::string>;
    };

// A value for a description: text in quotes, "none" for an empty optional, true and false, [a, b] for a
// range, (a, b) for a pair or tuple, numbers and the rest as << prints them.
template <class T>
std::string text_of(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
        return value ? "true" : "false";
    } else if constexpr (detail::text_like<T>) {
        return '"' + std::string(std::string_view(value)) + '"';
    } else if constexpr (detail::optional_like<T>) {
        return value.has_value() ? text_of(*value) : "none";
    } else if constexpr (std::is_enum_v<T>) {
        return std::to_string(static_cast<long long>(value));
    } else if constexpr (std::is_integral_v<T>) {
        return std::to_string(value);
    } else if constexpr (detail::tuple_like<T>) {
        std::string text;
        std::apply([&](const auto&... each) { ((text += (text.empty() ? "(" : ", ") + text_of(each)), ...); },
                   value);
        return text + ")";
    } else if constexpr (std::ranges::range<T>) {
        std::string text = "[";
        for (const auto& each : value)
            text += (text.size() == 1 ? "" : ", ") + text_of(each);
        return text + "]";
    } else {
        std::ostringstream out;
        out << value;
        return out.str();
    }
}

}  // namespace squall

#endif  // SQUALL_SEQUENTIAL_MODEL_H
