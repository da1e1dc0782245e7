// Comparison of numbers by value: integers of any signs and widths as in mathematics, never through a
// conversion that changes them; mixed with reals in 80 bits on x86-64. Of a NaN nothing is true. C++11.
#ifndef SQUALL_COMPARE_H
#define SQUALL_COMPARE_H
#ifdef __GNUC__
#pragma GCC system_header
#endif

#include <type_traits>

namespace squall {
namespace detail {

// What of the three a comparison of two types is.
struct compare_integers {};
struct compare_reals {};
struct compare_others {};

template <class Left, class Right>
struct comparison {
    typedef typename std::conditional<
        std::is_integral<Left>::value && std::is_integral<Right>::value, compare_integers,
        typename std::conditional<std::is_arithmetic<Left>::value && std::is_arithmetic<Right>::value,
                                  compare_reals, compare_others>::type>::type type;
};

template <class T>
constexpr bool negative(T value, std::true_type) {
    return value < 0;
}
template <class T>
constexpr bool negative(T, std::false_type) {
    return false;
}
template <class T>
constexpr bool negative(T value) {
    return negative(value, typename std::is_signed<T>::type());
}

template <class Left, class Right>
constexpr bool less(const Left& left, const Right& right, compare_integers) {
    return negative(left) != negative(right)
               ? negative(left)
               : static_cast<unsigned long long>(left) < static_cast<unsigned long long>(right);
}
template <class Left, class Right>
constexpr bool less(const Left& left, const Right& right, compare_reals) {
    return static_cast<long double>(left) < static_cast<long double>(right);
}
template <class Left, class Right>
constexpr bool less(const Left& left, const Right& right, compare_others) {
    return left < right;
}
template <class Left, class Right>
constexpr bool less(const Left& left, const Right& right) {
    return less(left, right, typename comparison<Left, Right>::type());
}

template <class Left, class Right>
constexpr bool less_or_equal(const Left& left, const Right& right, compare_integers) {
    return !less(right, left);
}
template <class Left, class Right>
constexpr bool less_or_equal(const Left& left, const Right& right, compare_reals) {
    return static_cast<long double>(left) <= static_cast<long double>(right);
}
template <class Left, class Right>
constexpr bool less_or_equal(const Left& left, const Right& right, compare_others) {
    return left <= right;
}
template <class Left, class Right>
constexpr bool less_or_equal(const Left& left, const Right& right) {
    return less_or_equal(left, right, typename comparison<Left, Right>::type());
}

template <class Left, class Right>
constexpr bool greater(const Left& left, const Right& right) {
    return less(right, left);
}
template <class Left, class Right>
constexpr bool greater_or_equal(const Left& left, const Right& right) {
    return less_or_equal(right, left);
}

}  // namespace detail
}  // namespace squall

#endif  // SQUALL_COMPARE_H
