// Assertions: what must always hold, and what some run must reach.
//
//   SQUALL_ALWAYS(balance >= 0, "no account is overdrawn", "account", id, "balance", balance);
//   SQUALL_SOMETIMES(retries > 2, "a client retried more than twice");
//
// Each is a record in the binary's section `squall_sites`, present in the catalog even if no run comes near
// it. The message is a string literal and names the assertion. Details are built only when they are needed.
// On a thread without a run they do nothing but evaluate their condition. A violated assertion ends its run
// and throws squall::assertion_violation; with SQUALL_DISABLED defined nothing is evaluated at all.
#ifndef SQUALL_ASSERTIONS_H
#define SQUALL_ASSERTIONS_H

#include <squall/site.h>

#include <concepts>
#include <exception>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

namespace squall {

// Thrown by a violated assertion. Catching it does not save the run: the verdict stands.
class assertion_violation : public std::exception {
public:
    explicit assertion_violation(std::string text) : text_(std::move(text)) {}
    const char* what() const noexcept override { return text_.c_str(); }

private:
    std::string text_;
};

namespace detail {

// One assertion in the program text; constant-initialised, one per instantiation, all of a place sharing one
// record.
struct assertion_place {
    // No braces in the macros: their commas would break EXPECT_THROW(SQUALL_ALWAYS(...), ...).
    constexpr assertion_place(site_kind k, unsigned int l, const char* f, const char* m)
        : kind(k),
          line(l),
          file(f),
          message(m) {}

    site_kind kind;
    unsigned int line;
    const char* file;
    const char* message;
    unsigned int index = 0;  // in the catalog, looked up at the first evaluation
};

// Counts an evaluation if this thread has a run.
void evaluated(assertion_place& place, bool held) noexcept;
// True if this thread has a run; a violation outside of runs is nobody's.
bool in_run() noexcept;
// Ends the run: counts, records and throws.
[[noreturn]] void violated(assertion_place& place, std::string details);

inline void append_details(std::ostringstream&) {}
template <class Value, class... Rest>
void append_details(std::ostringstream& out, std::string_view key, const Value& value, const Rest&... rest) {
    if (out.tellp() > 0)
        out << ' ';
    out << key << '=' << value;
    append_details(out, rest...);
}
template <class... Details>
std::string details(const Details&... all) {
    static_assert(sizeof...(all) % 2 == 0, "details come in pairs: \"key\", value");
    std::ostringstream out;
    out << std::boolalpha;
    append_details(out, all...);
    return std::move(out).str();
}

// Comparison by value: integers of any signs and widths as in mathematics, never through a conversion.
template <class T>
concept plain_integer =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <class Left, class Right>
constexpr bool less(const Left& left, const Right& right) {
    if constexpr (plain_integer<Left> && plain_integer<Right>)
        return std::cmp_less(left, right);
    else if constexpr (std::is_arithmetic_v<Left> && std::is_arithmetic_v<Right>)
        return static_cast<long double>(left) <
               static_cast<long double>(right);  // 64 bits of mantissa on x86-64
    else
        return left < right;
}
// Not "not less": a NaN compares false with everything.
template <class Left, class Right>
constexpr bool less_or_equal(const Left& left, const Right& right) {
    if constexpr (plain_integer<Left> && plain_integer<Right>)
        return std::cmp_less_equal(left, right);
    else if constexpr (std::is_arithmetic_v<Left> && std::is_arithmetic_v<Right>)
        return static_cast<long double>(left) <= static_cast<long double>(right);
    else
        return left <= right;
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

#define SQUALL_DETAIL_TEXT2(...) #__VA_ARGS__
#define SQUALL_DETAIL_TEXT(...) SQUALL_DETAIL_TEXT2(__VA_ARGS__)

// Writes the record of a place into the section, by the assembler: an attribute on a variable is lost in
// templates (gcc) or makes one record per instantiation (clang). Copies in one object file (inlining) and
// over object files (headers) have equal text, hence one id; the comdat group, named after the place, leaves
// one object file's copies in the program. Four zero-terminated texts follow the head: rule, file, function
// (empty) and message; the message by .ascii, which takes literals in several parts with every assembler.
#define SQUALL_DETAIL_RECORD(kind_number, rule, message) \
    __asm__ volatile(".pushsection squall_sites,\"aGw\",@progbits,\"squall:" __FILE__ ":" SQUALL_DETAIL_TEXT(__LINE__) \
                     "\",comdat\n\t.balign 32\n77101:\n\t.quad 0\n\t.long 77102f-77101b\n\t.long " SQUALL_DETAIL_TEXT( \
                         __LINE__) "\n\t.long 0\n\t.byte " #kind_number                                               \
                                   ", 1, 0\n\t.balign 32\n\t.asciz " SQUALL_DETAIL_TEXT(rule) "\n\t.asciz " SQUALL_DETAIL_TEXT( \
                                       __FILE__) "\n\t.asciz \"\"\n\t.ascii " SQUALL_DETAIL_TEXT(message)             \
                                                 "\n\t.byte 0\n\t.balign 32\n77102:\n\t.popsection\n\t")

#if defined(SQUALL_DISABLED)
#define SQUALL_DETAIL_CHECK(kind, number, rule, condition, message, ...) \
    static_cast<void>(sizeof(!(condition)))
#define SQUALL_DETAIL_COUNT(kind, number, rule, condition, message) static_cast<void>(sizeof(!(condition)))
#else
#define SQUALL_DETAIL_CHECK(kind, number, rule, condition, message, ...)                                     \
    do {                                                                                                     \
        SQUALL_DETAIL_RECORD(number, rule, message);                                                         \
        static ::squall::detail::assertion_place squall_place(::squall::site_kind::kind, __LINE__, __FILE__, \
                                                              message);                                      \
        if (const bool squall_held = static_cast<bool>(condition); ::squall::gate_open()) {                  \
            if (squall_held)                                                                                 \
                ::squall::detail::evaluated(squall_place, true);                                             \
            else if (::squall::detail::in_run())                                                             \
                ::squall::detail::violated(squall_place, ::squall::detail::details(__VA_ARGS__));            \
        }                                                                                                    \
    } while (false)
#define SQUALL_DETAIL_COUNT(kind, number, rule, condition, message)                                          \
    do {                                                                                                     \
        SQUALL_DETAIL_RECORD(number, rule, message);                                                         \
        static ::squall::detail::assertion_place squall_place(::squall::site_kind::kind, __LINE__, __FILE__, \
                                                              message);                                      \
        if (const bool squall_held = static_cast<bool>(condition); ::squall::gate_open())                    \
            ::squall::detail::evaluated(squall_place, squall_held);                                          \
    } while (false)
#endif

// Must hold whenever it is evaluated, and must be evaluated in some run of a campaign.
#define SQUALL_ALWAYS(condition, message, ...) \
    SQUALL_DETAIL_CHECK(always, 16, "always", condition, message __VA_OPT__(, ) __VA_ARGS__)
// Must hold whenever it is evaluated.
#define SQUALL_ALWAYS_OR_UNREACHABLE(condition, message, ...)                          \
    SQUALL_DETAIL_CHECK(always_or_unreachable, 17, "always-or-unreachable", condition, \
                        message __VA_OPT__(, ) __VA_ARGS__)
// Must not be reached.
#define SQUALL_UNREACHABLE(message, ...) \
    SQUALL_DETAIL_CHECK(unreachable, 20, "unreachable", false, message __VA_OPT__(, ) __VA_ARGS__)
// Must hold at least once in a campaign.
#define SQUALL_SOMETIMES(condition, message) \
    SQUALL_DETAIL_COUNT(sometimes, 18, "sometimes", condition, message)
// Must be reached at least once in a campaign.
#define SQUALL_REACHABLE(message) SQUALL_DETAIL_COUNT(reachable, 19, "reachable", true, message)

// Numeric forms: the operands are evaluated once, may differ in type, and are the first two details.
#define SQUALL_DETAIL_ALWAYS_NUMERIC(compare, a, b, message, ...)                                        \
    do {                                                                                                 \
        const auto& squall_a = (a);                                                                      \
        const auto& squall_b = (b);                                                                      \
        SQUALL_ALWAYS(::squall::detail::compare(squall_a, squall_b), message, "left", squall_a, "right", \
                      squall_b __VA_OPT__(, ) __VA_ARGS__);                                              \
    } while (false)
#define SQUALL_ALWAYS_LT(left, right, message, ...) \
    SQUALL_DETAIL_ALWAYS_NUMERIC(less, left, right, message __VA_OPT__(, ) __VA_ARGS__)
#define SQUALL_ALWAYS_LE(left, right, message, ...) \
    SQUALL_DETAIL_ALWAYS_NUMERIC(less_or_equal, left, right, message __VA_OPT__(, ) __VA_ARGS__)
#define SQUALL_ALWAYS_GT(left, right, message, ...) \
    SQUALL_DETAIL_ALWAYS_NUMERIC(greater, left, right, message __VA_OPT__(, ) __VA_ARGS__)
#define SQUALL_ALWAYS_GE(left, right, message, ...) \
    SQUALL_DETAIL_ALWAYS_NUMERIC(greater_or_equal, left, right, message __VA_OPT__(, ) __VA_ARGS__)
#define SQUALL_SOMETIMES_LT(left, right, message) \
    SQUALL_SOMETIMES(::squall::detail::less((left), (right)), message)
#define SQUALL_SOMETIMES_LE(left, right, message) \
    SQUALL_SOMETIMES(::squall::detail::less_or_equal((left), (right)), message)
#define SQUALL_SOMETIMES_GT(left, right, message) \
    SQUALL_SOMETIMES(::squall::detail::greater((left), (right)), message)
#define SQUALL_SOMETIMES_GE(left, right, message) \
    SQUALL_SOMETIMES(::squall::detail::greater_or_equal((left), (right)), message)

#endif  // SQUALL_ASSERTIONS_H
