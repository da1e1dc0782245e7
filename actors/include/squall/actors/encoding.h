// Values as bytes: arguments, results and states.
//
// What can be encoded: integers, floating point, bool, enumerations; std::string, vector, array, map, set,
// optional, pair, tuple; std::chrono::duration; aggregates (found by Boost.PFR) and classes that
// BOOST_DESCRIBE_CLASS describes, of members that can be encoded. The bytes are those of Protocol Buffers'
// primitives, written and read by its functions: varints, zigzag for signed numbers, fixed 4 and 8 bytes
// for floating point, lengths before strings. Members follow each other with their count before them.
//
// A class may grow at its end: a decoder that finds fewer members leaves the rest as default-constructed.
// Decoding never reads beyond the bytes, and allocates in proportion to them; what is no encoding of the type
// throws call_failed(error::malformed).
#ifndef SQUALL_ACTORS_ENCODING_H
#define SQUALL_ACTORS_ENCODING_H

#include <squall/actors/error.h>

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/pfr/core.hpp>
#include <boost/pfr/tuple_size.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace squall::actors {

// Appends to a string, which must live as long: a few pieces at a time, the last by finish().
class encoder {
public:
    explicit encoder(std::string& out) : out_(out) {}
    encoder(const encoder&) = delete;
    encoder& operator=(const encoder&) = delete;

    void put(std::uint64_t value) {
        if (value < 0x80 && used_ < held_.size()) [[likely]]  // as most are: one byte, its own
            held_[used_++] = static_cast<char>(value);
        else
            put_long(value);
    }
    void put_signed(std::int64_t value);
    void put_float(float value);
    void put_double(double value);
    void put(std::string_view bytes);  // with their length
    // All that was put is in the string; more may follow.
    void finish() {
        out_.append(held_.data(), used_);
        used_ = 0;
    }

private:
    void put_long(std::uint64_t value);
    unsigned char* room(std::size_t size);

    std::string& out_;
    std::size_t used_ = 0;
    std::array<char, 120> held_;
};

// Reads bytes that live as long.
class decoder {
public:
    explicit decoder(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}
    decoder(const decoder&) = delete;
    decoder& operator=(const decoder&) = delete;

    std::uint64_t get() {
        if (at_ != end_ && static_cast<unsigned char>(*at_) < 0x80) [[likely]]
            return static_cast<unsigned char>(*at_++);
        return get_long();
    }
    std::int64_t get_signed();
    float get_float();
    double get_double();
    void get(std::string& bytes);
    // The number of elements that follow; each takes a byte at least.
    std::size_t get_count();
    // Throws unless all is read.
    void finish() const;
    [[noreturn]] static void fail(const char* what);

    // Counts values within values, which may be 100 deep at most.
    class level {
    public:
        explicit level(decoder& in);
        ~level() { --in_.depth_; }
        level(const level&) = delete;
        level& operator=(const level&) = delete;

    private:
        decoder& in_;
    };

private:
    std::uint64_t get_long();
    const unsigned char* take(std::size_t size);
    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

    const char* at_;
    const char* end_;
    int depth_ = 0;
};

namespace detail {

template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_any_access>;

template <class T>
concept described = boost::describe::has_describe_members<T>::value;
template <class T>
concept tuple_like = requires { std::tuple_size<T>::value; };
template <class T>
concept optional_like = requires(T v) {
    v.has_value();
    *v;
    v.reset();
};
template <class T>
concept range_like = requires(T v) {
    v.begin();
    v.end();
    typename T::value_type;
};
template <class T>
struct is_duration : std::false_type {};
template <class Rep, class Period>
struct is_duration<std::chrono::duration<Rep, Period>> : std::true_type {};
template <class>
inline constexpr bool cannot_be_encoded = false;

template <class T>
void encode_value(encoder& out, const T& value);
template <class T>
void decode_value(decoder& in, T& value);

// Calls f with each member in turn.
template <class T, class F>
void each_member(T& value, F f) {
    using plain = std::remove_const_t<T>;
    if constexpr (tuple_like<plain>)
        std::apply([&](auto&... member) { (f(member), ...); }, value);
    else if constexpr (described<plain>)
        boost::mp11::mp_for_each<members_of<plain>>([&](auto member) { f(value.*member.pointer); });
    else
        boost::pfr::for_each_field(value, f);
}
template <class T>
constexpr std::size_t member_count() {
    if constexpr (tuple_like<T>)
        return std::tuple_size_v<T>;
    else if constexpr (described<T>)
        return boost::mp11::mp_size<members_of<T>>::value;
    else
        return boost::pfr::tuple_size_v<T>;
}
template <class T>
constexpr bool has_members() {
    return tuple_like<T> || described<T> || (std::is_aggregate_v<T> && !range_like<T>);
}

template <class T>
void encode_value(encoder& out, const T& value) {
    if constexpr (std::is_enum_v<T>)
        encode_value(out, static_cast<std::underlying_type_t<T>>(value));
    else if constexpr (std::is_same_v<T, float>)
        out.put_float(value);
    else if constexpr (std::is_same_v<T, double>)
        out.put_double(value);
    else if constexpr (std::is_unsigned_v<T>)
        out.put(std::uint64_t{value});
    else if constexpr (std::is_integral_v<T>)
        out.put_signed(std::int64_t{value});
    else if constexpr (std::is_convertible_v<const T&, std::string_view>)
        out.put(std::string_view(value));
    else if constexpr (is_duration<T>::value)
        encode_value(out, value.count());
    else if constexpr (optional_like<T>) {
        out.put(std::uint64_t{value.has_value()});
        if (value.has_value())
            encode_value(out, *value);
    } else if constexpr (has_members<T>()) {
        out.put(std::uint64_t{member_count<T>()});
        each_member(value, [&](const auto& member) { encode_value(out, member); });
    } else if constexpr (range_like<T>) {
        out.put(std::uint64_t{value.size()});
        for (const typename T::value_type& element : value)
            encode_value(out, element);
    } else {
        static_assert(cannot_be_encoded<T>,
                      "squall: neither an aggregate, nor described by "
                      "BOOST_DESCRIBE_CLASS, nor a type that encoding.h lists");
    }
}

template <class T>
void decode_integer(decoder& in, T& value) {
    const auto wide = [&in] {
        if constexpr (std::is_unsigned_v<T>)
            return in.get();
        else
            return in.get_signed();
    }();
    if (wide < std::numeric_limits<T>::min() || wide > std::numeric_limits<T>::max())
        decoder::fail("a number is out of range");
    value = static_cast<T>(wide);
}

// Into an empty container.
template <class T>
void decode_elements(decoder& in, T& into) {
    into.clear();
    for (std::size_t left = in.get_count(); left > 0; --left) {
        if constexpr (requires { typename T::mapped_type; }) {
            std::pair<typename T::key_type, typename T::mapped_type> element{};
            decode_value(in, element);
            into.insert(std::move(element));
        } else {
            typename T::value_type element{};
            decode_value(in, element);
            into.insert(into.end(), std::move(element));
        }
    }
}

template <class T>
void decode_value(decoder& in, T& value) {
    if constexpr (std::is_enum_v<T>) {
        std::underlying_type_t<T> number{};
        decode_value(in, number);
        value = static_cast<T>(number);
    } else if constexpr (std::is_same_v<T, float>)
        value = in.get_float();
    else if constexpr (std::is_same_v<T, double>)
        value = in.get_double();
    else if constexpr (std::is_integral_v<T>)
        decode_integer(in, value);
    else if constexpr (std::is_same_v<T, std::string>)
        in.get(value);
    else if constexpr (is_duration<T>::value) {
        typename T::rep count{};
        decode_value(in, count);
        value = T(count);
    } else if constexpr (optional_like<T>) {
        value.reset();
        if (in.get() != 0)
            decode_value(in, value.emplace());
    } else if constexpr (has_members<T>()) {
        const decoder::level deeper(in);
        std::uint64_t left = in.get();
        if (left > member_count<T>())
            decoder::fail("a value has more members than its type");
        each_member(value, [&](auto& member) {
            if (left > 0) {
                decode_value(in, member);
                --left;
            }
        });
    } else if constexpr (range_like<T>) {
        const decoder::level deeper(in);
        decode_elements(in, value);
    } else {
        static_assert(cannot_be_encoded<T>, "squall: cannot be decoded: see encoding.h");
    }
}

}  // namespace detail

template <class T>
void encode(const T& value, std::string& out) {
    encoder to(out);
    detail::encode_value(to, value);
    to.finish();
}
template <class T>
std::string encode(const T& value) {
    std::string bytes;
    encode(value, bytes);
    return bytes;
}
// All of `bytes`.
template <class T>
T decode(std::string_view bytes) {
    decoder in(bytes);
    T value{};
    detail::decode_value(in, value);
    in.finish();
    return value;
}

}  // namespace squall::actors

#endif  // SQUALL_ACTORS_ENCODING_H
