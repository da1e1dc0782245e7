// Hand-written fault sites and knobs. C++11, includes no standard header.
//
//   if (SQUALL_BUGGIFY())                       // now and then, under test, give up early
//       return status::try_again;
//   if (SQUALL_BUGGIFY_NAMED("slow flush"))     // the name makes the id: it survives any edit around it
//       co_await delay(5s);
//   const std::size_t batch = SQUALL_KNOB(std::size_t{1024}, 1, 64);
//
// A site is active in a run with the run's `activation` (0.25), an active one fires at an evaluation with the
// run's `firing` (0.25) or with the macro's own probability. Without a run they are false, and the default.
// What they do can be overridden by name, rule, function, file or id: see overrides.h.
//
// A site without a name is known by its file, function, and how-manieth of its rule it is in the function;
// two on one line of one function are one site. The macros are expressions, and are to stand inside
// functions.
#ifndef SQUALL_BUGGIFY_H
#define SQUALL_BUGGIFY_H
#ifdef __GNUC__
#pragma GCC system_header
#endif

#include <squall/place.h>

#if !defined(SQUALL_DISABLED)

extern "C" {
// Slow paths. `probability` below 0: the run's. A probability outside [0, 1] is a violation of its run.
bool squall_buggify(::squall::site_place* place, double probability);
// Whether the knob is turned in this run (or, with `each`, at this evaluation); then *offset is uniform in
// [0, width], or, where an override gives a value, *value is that and *given is true.
bool squall_knob(::squall::site_place* place, bool each, unsigned long long width, unsigned long long* offset,
                 double* value, bool* given);
// The same for reals: *value is uniform in [low, high], or given.
bool squall_knob_real(::squall::site_place* place, bool each, double low, double high, double* value);
}

namespace squall {
namespace detail {

// An override's value, or the nearest that the integer type T has.
template <class T>
T within(double value) {
    constexpr bool has_sign =
        static_cast<T>(-1) < static_cast<T>(1) && static_cast<T>(-1) != static_cast<T>(1);
    constexpr unsigned long long all = ~0ull >> (64 - sizeof(T) * 8);
    constexpr T highest = static_cast<T>(has_sign ? all >> 1 : all);
    constexpr T lowest = static_cast<T>(has_sign ? (all >> 1) + 1 : 0);
    return value <= static_cast<double>(lowest)    ? lowest
           : value >= static_cast<double>(highest) ? highest
                                                   : static_cast<T>(value);
}

// Integers: by arithmetic of 64 bits without sign, which wraps to the right result for both signs.
template <class T>
T integer_knob(site_place& place, bool each, T otherwise, T low, T high) {
    unsigned long long offset = 0;
    double value = 0;
    bool given = false;
    if (!squall_knob(&place, each,
                     static_cast<unsigned long long>(high) - static_cast<unsigned long long>(low), &offset,
                     &value, &given))
        return otherwise;
    return given ? within<T>(value) : static_cast<T>(static_cast<unsigned long long>(low) + offset);
}
template <class T>
T real_knob(site_place& place, bool each, T otherwise, T low, T high) {
    double value = 0;
    return squall_knob_real(&place, each, static_cast<double>(low), static_cast<double>(high), &value)
               ? static_cast<T>(value)
               : otherwise;
}

template <bool Real>
struct number_knob {
    template <class T>
    static T turn(site_place& place, bool each, T otherwise, T low, T high) {
        return integer_knob(place, each, otherwise, low, high);
    }
};
template <>
struct number_knob<true> {
    template <class T>
    static T turn(site_place& place, bool each, T otherwise, T low, T high) {
        return real_knob(place, each, otherwise, low, high);
    }
};

// A number is what has no count(); what has one is a duration.
template <class T>
auto turn(site_place& place, bool each, T otherwise, T low, T high, int) -> decltype(T(otherwise.count())) {
    typedef typename T::rep rep;
    return T(number_knob < static_cast<rep>(1) / 2 !=
             0 > ::turn(place, each, otherwise.count(), low.count(), high.count()));
}
template <class T>
T turn(site_place& place, bool each, T otherwise, T low, T high, long) {
    return number_knob < static_cast<T>(1) / 2 != 0 > ::turn(place, each, otherwise, low, high);
}

// Low and high are converted to the type of the default.
template <class T>
struct same {
    typedef T type;
};
template <class T>
T knob(site_place& place, bool each, T otherwise, typename same<T>::type low, typename same<T>::type high) {
    return turn(place, each, otherwise, low, high, 0);
}

}  // namespace detail
}  // namespace squall

#define SQUALL_DETAIL_BUGGIFY(name, probability)                             \
    __extension__({                                                          \
        SQUALL_DETAIL_PLACE(buggify, 4, "buggify", name);                    \
        ::squall::gate_open() && squall_buggify(&squall_place, probability); \
    })
#define SQUALL_DETAIL_KNOB(name, each, otherwise, low, high)                                     \
    __extension__({                                                                              \
        SQUALL_DETAIL_PLACE(knob, 5, "knob", name);                                              \
        ::squall::gate_open() ? ::squall::detail::knob(squall_place, each, otherwise, low, high) \
                              : (otherwise);                                                     \
    })
#else
#define SQUALL_DETAIL_BUGGIFY(name, probability) (static_cast<void>(sizeof(probability)), false)
#define SQUALL_DETAIL_KNOB(name, each, otherwise, low, high) \
    (static_cast<void>(sizeof(low)), static_cast<void>(sizeof(high)), (otherwise))
#endif

// True where the site fires.
#define SQUALL_BUGGIFY() SQUALL_DETAIL_BUGGIFY("", -1.0)
// The same with a probability of firing of its own, in [0, 1]; activation is the run's.
#define SQUALL_BUGGIFY_P(probability) SQUALL_DETAIL_BUGGIFY("", probability)
#define SQUALL_BUGGIFY_NAMED(name) SQUALL_DETAIL_BUGGIFY(name, -1.0)
#define SQUALL_BUGGIFY_NAMED_P(name, probability) SQUALL_DETAIL_BUGGIFY(name, probability)

// An integer, real or std::chrono duration: the default, or in a run where the knob is active a value uniform
// in [low, high], the same throughout the run. Its type is the default's. A knob is part of the run's
// configuration: it holds from set-up to the checks.
#define SQUALL_KNOB(otherwise, low, high) SQUALL_DETAIL_KNOB("", false, otherwise, low, high)
#define SQUALL_KNOB_NAMED(name, otherwise, low, high) SQUALL_DETAIL_KNOB(name, false, otherwise, low, high)
// Drawn anew at each evaluation, while sites are on; in a run where it is active each draw is turned with the
// run's `firing`.
#define SQUALL_KNOB_EACH(otherwise, low, high) SQUALL_DETAIL_KNOB("", true, otherwise, low, high)
#define SQUALL_KNOB_EACH_NAMED(name, otherwise, low, high) \
    SQUALL_DETAIL_KNOB(name, true, otherwise, low, high)

#endif  // SQUALL_BUGGIFY_H
