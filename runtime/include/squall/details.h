// The details of an assertion: pairs of a key and a value, kept as references until they are needed.
//
// Values may be of any arithmetic or enumeration type, a text (anything with data() and size() of char, or a
// C string), a duration, or whatever has an operator<<. Pointers are refused: they differ from run to run.
// C++11.
#ifndef SQUALL_DETAILS_H
#define SQUALL_DETAILS_H
#ifdef __GNUC__
#pragma GCC system_header
#endif

#include <cstddef>
#include <iosfwd>
#include <type_traits>
#include <utility>

namespace squall {
namespace detail {

// Takes the values in turn; the library has one that writes "key=value key=value" and one that writes JSON.
class detail_sink {
public:
    virtual void key(const char* name) = 0;
    virtual void boolean(bool value) = 0;
    virtual void integer(long long value) = 0;
    virtual void natural(unsigned long long value) = 0;
    virtual void real(double value) = 0;
    virtual void text(const char* data, unsigned long size) = 0;
    // A duration of `count` units of numerator/denominator seconds.
    virtual void duration(double count, long long numerator, long long denominator) = 0;
    // Where the value is to be printed to; end_print() follows.
    virtual std::ostream& begin_print() = 0;
    virtual void end_print() = 0;

protected:
    ~detail_sink() = default;
};

// Tried from the highest rank down.
struct rank0 {};
struct rank1 : rank0 {};
struct rank2 : rank1 {};
struct rank3 : rank2 {};

template <class T>
auto put(detail_sink& to, const T& value, rank3) ->
    typename std::enable_if<std::is_arithmetic<T>::value>::type {
    if (std::is_same<T, bool>::value)
        to.boolean(static_cast<bool>(value));
    else if (std::is_same<T, char>::value) {
        const char one = static_cast<char>(value);
        to.text(&one, 1);
    } else if (std::is_floating_point<T>::value)
        to.real(static_cast<double>(value));
    else if (std::is_signed<T>::value)
        to.integer(static_cast<long long>(value));
    else
        to.natural(static_cast<unsigned long long>(value));
}
template <class T>
auto put(detail_sink& to, const T& value, rank3) ->
    typename std::enable_if<std::is_convertible<const T&, const char*>::value>::type {
    const char* const text = value;
    unsigned long size = 0;
    while (text != nullptr && text[size] != 0)
        ++size;
    to.text(text, size);
}
template <class T>
auto put(detail_sink& to, const T& value, rank2) -> decltype(void(value.data() - ""), void(value.size())) {
    to.text(value.data(), value.size());
}
template <class T>
auto put(detail_sink& to, const T& value, rank2) -> decltype(void(value.count() + T::period::num)) {
    to.duration(static_cast<double>(value.count()), T::period::num, T::period::den);
}
template <class T>
auto put(detail_sink& to, const T& value, rank1) -> decltype(void(std::declval<std::ostream&>() << value)) {
    static_assert(!std::is_pointer<T>::value, "a detail that is a pointer would differ from run to run");
    to.begin_print() << value;
    to.end_print();
}
template <class T>
auto put(detail_sink& to, const T& value, rank0) -> typename std::enable_if<std::is_enum<T>::value>::type {
    to.integer(static_cast<long long>(value));
}

// References to all pairs, good until the end of the full expression that made them.
class details {
public:
    virtual void write(detail_sink& to) const = 0;

protected:
    ~details() = default;
};

template <class... Values>
class detail_pairs;
template <>
class detail_pairs<> : public details {
public:
    void write(detail_sink&) const override {}
};
template <class Value, class... Rest>
class detail_pairs<Value, Rest...> : public details {
public:
    template <class... More>
    detail_pairs(const char* key, const Value& value, const More&... rest)
        : key_(key),
          value_(value),
          rest_(rest...) {}
    void write(detail_sink& to) const override {
        to.key(key_);
        put(to, value_, rank3());
        rest_.write(to);
    }

private:
    const char* key_;
    const Value& value_;
    const detail_pairs<Rest...> rest_;
};

// The type for arguments key, value, key, value, ...: the values' types alone.
template <class Pairs, class... Arguments>
struct pairs_of;
template <class... Values>
struct pairs_of<detail_pairs<Values...>> {
    typedef detail_pairs<Values...> type;
};
template <class... Values, class Key, class Value, class... Rest>
struct pairs_of<detail_pairs<Values...>, Key, Value, Rest...>
    : pairs_of<detail_pairs<Values..., Value>, Rest...> {};

// The macros' arguments; the first is the message.
template <std::size_t N, class... Arguments>
typename pairs_of<detail_pairs<>, Arguments...>::type make_details(const char (&)[N],
                                                                   const Arguments&... arguments) {
    static_assert(sizeof...(arguments) % 2 == 0, "details come in pairs: \"key\", value");
    return typename pairs_of<detail_pairs<>, Arguments...>::type(arguments...);
}

}  // namespace detail
}  // namespace squall

#endif  // SQUALL_DETAILS_H
