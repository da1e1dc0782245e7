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

#include <exception>
#include <sstream>
#include <string>
#include <string_view>

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

}  // namespace detail
}  // namespace squall

#define SQUALL_DETAIL_TEXT2(...) #__VA_ARGS__
#define SQUALL_DETAIL_TEXT(...) SQUALL_DETAIL_TEXT2(__VA_ARGS__)

// Writes the record of a place into the section, by the assembler: an attribute on a variable is lost in
// templates (gcc) or makes one record per instantiation (clang). Copies in one object file (inlining) and
// over object files (headers) have equal text, hence one id; the comdat group, named after the place, leaves
// one object file's copies in the program. Four zero-terminated texts follow the head: rule, file, function
// (empty) and message.
#define SQUALL_DETAIL_RECORD(kind_number, rule, message) \
    __asm__ volatile(".pushsection squall_sites,\"aGw\",@progbits,\"squall:" __FILE__ ":" SQUALL_DETAIL_TEXT(__LINE__) \
                     "\",comdat\n\t.balign 32\n77101:\n\t.quad 0\n\t.long 77102f-77101b\n\t.long " SQUALL_DETAIL_TEXT( \
                         __LINE__) "\n\t.long 0\n\t.byte " #kind_number                                               \
                                   ", 1, 0\n\t.balign 32\n\t.asciz " SQUALL_DETAIL_TEXT(rule) "\n\t.asciz " SQUALL_DETAIL_TEXT( \
                                       __FILE__) "\n\t.asciz \"\"\n\t.asciz " SQUALL_DETAIL_TEXT(message)             \
                                                 "\n\t.balign 32\n77102:\n\t.popsection\n\t")

#if defined(SQUALL_DISABLED)
#define SQUALL_DETAIL_CHECK(kind, number, rule, condition, message, ...) \
    static_cast<void>(sizeof(!(condition)))
#define SQUALL_DETAIL_COUNT(kind, number, rule, condition, message) static_cast<void>(sizeof(!(condition)))
#else
#define SQUALL_DETAIL_CHECK(kind, number, rule, condition, message, ...)                                     \
    do {                                                                                                     \
        SQUALL_DETAIL_RECORD(number, rule, message);                                                         \
        static ::squall::detail::assertion_place squall_place{::squall::site_kind::kind, __LINE__, __FILE__, \
                                                              message};                                      \
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
        static ::squall::detail::assertion_place squall_place{::squall::site_kind::kind, __LINE__, __FILE__, \
                                                              message};                                      \
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

#endif  // SQUALL_ASSERTIONS_H
