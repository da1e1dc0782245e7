// Assertions: what must always hold, and what some run must reach.
//
//   SQUALL_ALWAYS(balance >= 0, "no account is overdrawn", "account", id, "balance", balance);
//   SQUALL_ALWAYS_LE(applied, committed, "nothing uncommitted is applied");
//   SQUALL_SOMETIMES(retries > 2, "a client retried more than twice");
//   SQUALL_SOMETIMES_EACH("each state of the lease was seen", "state", state, "leader", is_leader);
//
// Each is a record in the binary's section `squall_sites`, present in the catalog even if no run comes near
// it. The message is a string literal and names the assertion. Details, in pairs of a key and a value, are
// built only when they are needed (details.h says of what types they may be).
//
// On a thread without a run they evaluate their condition, and nothing else happens. A violated assertion
// ends its run by throwing squall::assertion_violation, or as run_options::on_violation says. With
// SQUALL_DISABLED defined nothing is evaluated. C++11, for all headers that this one includes.
#ifndef SQUALL_ASSERTIONS_H
#define SQUALL_ASSERTIONS_H
#ifdef __GNUC__
#pragma GCC system_header
#endif

#include <squall/compare.h>
#include <squall/details.h>
#include <squall/place.h>

#include <exception>

namespace squall {

// Thrown by a violated assertion. Catching it does not save the run: the verdict stands.
class assertion_violation : public std::exception {
public:
    explicit assertion_violation(const char* text);
    assertion_violation(const assertion_violation& other) noexcept;
    assertion_violation& operator=(const assertion_violation& other) noexcept;
    ~assertion_violation() override;
    // The message, and the details in parentheses.
    const char* what() const noexcept override;

private:
    struct shared_text;
    shared_text* text_;
};

namespace detail {
template <std::size_t N, class Left, class Right, class... Arguments>
auto make_details_of_two(const Left& left, const Right& right, const char (&message)[N],
                         const Arguments&... arguments)
    -> decltype(make_details(message, "left", left, "right", right, arguments...)) {
    return make_details(message, "left", left, "right", right, arguments...);
}
}  // namespace detail

#if !defined(SQUALL_DISABLED)
namespace detail {

// Slow paths. Each does nothing on a thread without a run, Antithesis' output excepted.
void evaluated(site_place& place, bool held, const details& about);
void checked(site_place& place, bool held, const details& about);  // a violation where it did not hold
void evaluated_each(site_place& place, const details& about);
// Of a comparison: how near it came, for those that search by it. `maximise`: a greater left - right is
// nearer.
void compared(site_place& place, double left, double right, bool maximise);

// Counts one more evaluation, where it is not the run's first of this outcome.
inline bool counted(const site_place& place, bool held) noexcept {
    const unsigned int index = __atomic_load_n(&place.index, __ATOMIC_RELAXED);
    if (index >= squall_thread.count)
        return false;
    run_cell& cell = squall_thread.cells[index];
    if (held) {
        if (cell.evaluated == 0)
            return false;
        ++cell.evaluated;
    } else {
        if (cell.fired == 0)
            return false;
        ++cell.fired;
    }
    return true;
}

// Numbers as Antithesis is told them; 0 for what is no number.
template <class T>
double number(const T& value, std::true_type) {
    return static_cast<double>(value);
}
template <class T>
double number(const T&, std::false_type) {
    return 0;
}
template <class T>
double number(const T& value) {
    return number(value, typename std::is_arithmetic<T>::type());
}

// `held`, having told of the operands whoever searches by them.
template <class Left, class Right>
bool guided(site_place& place, const Left& left, const Right& right, bool maximise, bool held) {
    if (gate_open() && squall_thread.count == 0)
        compared(place, number(left), number(right), maximise);
    return held;
}

}  // namespace detail
#endif

}  // namespace squall

#if defined(SQUALL_DISABLED)
#define SQUALL_DETAIL_CHECK(kind, number, rule, condition, message, about) \
    do {                                                                   \
        if (false) {                                                       \
            static_cast<void>(condition);                                  \
            static_cast<void>(::squall::detail::about);                    \
        }                                                                  \
    } while (false)
#define SQUALL_DETAIL_COUNT SQUALL_DETAIL_CHECK
#define SQUALL_DETAIL_GUIDED(compare, maximise) ::squall::detail::compare(squall_a, squall_b)
#define SQUALL_DETAIL_EACH(message, about) SQUALL_DETAIL_CHECK(, , , true, message, about)
#else
#define SQUALL_DETAIL_CHECK(kind, number, rule, condition, message, about)                       \
    do {                                                                                         \
        SQUALL_DETAIL_PLACE(kind, number, rule, message);                                        \
        const bool squall_held = static_cast<bool>(condition);                                   \
        if (::squall::gate_open() &&                                                             \
            __builtin_expect(!squall_held || !::squall::detail::counted(squall_place, true), 0)) \
            ::squall::detail::checked(squall_place, squall_held, ::squall::detail::about);       \
    } while (false)
#define SQUALL_DETAIL_COUNT(kind, number, rule, condition, message, about)                   \
    do {                                                                                     \
        SQUALL_DETAIL_PLACE(kind, number, rule, message);                                    \
        const bool squall_held = static_cast<bool>(condition);                               \
        if (::squall::gate_open() &&                                                         \
            __builtin_expect(!::squall::detail::counted(squall_place, squall_held), 0))      \
            ::squall::detail::evaluated(squall_place, squall_held, ::squall::detail::about); \
    } while (false)
#define SQUALL_DETAIL_GUIDED(compare, maximise)                          \
    ::squall::detail::guided(squall_place, squall_a, squall_b, maximise, \
                             ::squall::detail::compare(squall_a, squall_b))
#define SQUALL_DETAIL_EACH(message, about)                                           \
    do {                                                                             \
        SQUALL_DETAIL_PLACE(sometimes_each, 21, "sometimes-each", message);          \
        if (::squall::gate_open())                                                   \
            ::squall::detail::evaluated_each(squall_place, ::squall::detail::about); \
    } while (false)
#endif

// The `...` of all macros: the message, then details "key", value, ...

// Must hold whenever it is evaluated, and must be evaluated in some run of a campaign.
#define SQUALL_ALWAYS(condition, ...)                                                      \
    SQUALL_DETAIL_CHECK(always, 16, "always", condition, SQUALL_DETAIL_FIRST(__VA_ARGS__), \
                        make_details(__VA_ARGS__))
// Must hold whenever it is evaluated.
#define SQUALL_ALWAYS_OR_UNREACHABLE(condition, ...)                                   \
    SQUALL_DETAIL_CHECK(always_or_unreachable, 17, "always-or-unreachable", condition, \
                        SQUALL_DETAIL_FIRST(__VA_ARGS__), make_details(__VA_ARGS__))
// Must not be reached.
#define SQUALL_UNREACHABLE(...)                                                                  \
    SQUALL_DETAIL_CHECK(unreachable, 20, "unreachable", false, SQUALL_DETAIL_FIRST(__VA_ARGS__), \
                        make_details(__VA_ARGS__))
// Must hold at least once in a campaign.
#define SQUALL_SOMETIMES(condition, ...)                                                         \
    SQUALL_DETAIL_COUNT(sometimes, 18, "sometimes", condition, SQUALL_DETAIL_FIRST(__VA_ARGS__), \
                        make_details(__VA_ARGS__))
// Must be reached at least once in a campaign.
#define SQUALL_REACHABLE(...)                                                               \
    SQUALL_DETAIL_COUNT(reachable, 19, "reachable", true, SQUALL_DETAIL_FIRST(__VA_ARGS__), \
                        make_details(__VA_ARGS__))
// Each combination of the details' values that comes up is kept and counted by itself: a campaign shows which
// were seen. For values that are few; a run keeps 4,096 of a place and counts the rest as one.
#define SQUALL_SOMETIMES_EACH(...) \
    SQUALL_DETAIL_EACH(SQUALL_DETAIL_FIRST(__VA_ARGS__), make_details(__VA_ARGS__))

// Numeric forms: the operands are evaluated once, may differ in type, and are the first two details.
#define SQUALL_DETAIL_TWO(check, kind, kind_number, rule, compare, maximise, a, b, ...)                \
    do {                                                                                               \
        const auto& squall_a = (a);                                                                    \
        const auto& squall_b = (b);                                                                    \
        check(kind, kind_number, rule, SQUALL_DETAIL_GUIDED(compare, maximise),                        \
              SQUALL_DETAIL_FIRST(__VA_ARGS__), make_details_of_two(squall_a, squall_b, __VA_ARGS__)); \
    } while (false)
#define SQUALL_ALWAYS_LT(left, right, ...) \
    SQUALL_DETAIL_TWO(SQUALL_DETAIL_CHECK, always, 16, "always", less, true, left, right, __VA_ARGS__)
#define SQUALL_ALWAYS_LE(left, right, ...)                                                         \
    SQUALL_DETAIL_TWO(SQUALL_DETAIL_CHECK, always, 16, "always", less_or_equal, true, left, right, \
                      __VA_ARGS__)
#define SQUALL_ALWAYS_GT(left, right, ...) \
    SQUALL_DETAIL_TWO(SQUALL_DETAIL_CHECK, always, 16, "always", greater, false, left, right, __VA_ARGS__)
#define SQUALL_ALWAYS_GE(left, right, ...)                                                             \
    SQUALL_DETAIL_TWO(SQUALL_DETAIL_CHECK, always, 16, "always", greater_or_equal, false, left, right, \
                      __VA_ARGS__)
#define SQUALL_SOMETIMES_LT(left, right, ...) \
    SQUALL_DETAIL_TWO(SQUALL_DETAIL_COUNT, sometimes, 18, "sometimes", less, false, left, right, __VA_ARGS__)
#define SQUALL_SOMETIMES_LE(left, right, ...)                                                             \
    SQUALL_DETAIL_TWO(SQUALL_DETAIL_COUNT, sometimes, 18, "sometimes", less_or_equal, false, left, right, \
                      __VA_ARGS__)
#define SQUALL_SOMETIMES_GT(left, right, ...)                                                      \
    SQUALL_DETAIL_TWO(SQUALL_DETAIL_COUNT, sometimes, 18, "sometimes", greater, true, left, right, \
                      __VA_ARGS__)
#define SQUALL_SOMETIMES_GE(left, right, ...)                                                               \
    SQUALL_DETAIL_TWO(SQUALL_DETAIL_COUNT, sometimes, 18, "sometimes", greater_or_equal, true, left, right, \
                      __VA_ARGS__)

#endif  // SQUALL_ASSERTIONS_H
