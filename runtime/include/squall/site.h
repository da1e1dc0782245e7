// Fault and coverage sites: what rewritten code calls, and the record each site leaves in the binary.
//
// This is the one header that `squall instrument` makes a translation unit include, ahead of everything else
// in it. It is C++11, includes nothing and declares no name outside `squall`, `squall_*` and `SQUALL_*`, so
// that feature-test macros, the order of includes, -fno-exceptions, -fno-rtti and -nostdinc++ are none of its
// business.
//
// A site costs one load and one branch that is never taken while no run is live in the process (`squall_gate`
// is 0). The records are constant-initialised objects in the ELF section `squall_sites`, one per place even
// for inline functions and templates; docs/reference/formats.md gives their layout, and `squall sites BINARY`
// reads them without running anything. With SQUALL_DISABLED defined there are no records and no calls: the
// hooks are empty and no library is needed.
#ifndef SQUALL_SITE_H
#define SQUALL_SITE_H
#ifdef __GNUC__
#pragma GCC system_header  // inline variables and constexpr forms newer than the user's -std= must not warn
#endif

#if __cplusplus >= 201402L
#define SQUALL_DETAIL_CONSTEXPR constexpr
#else
#define SQUALL_DETAIL_CONSTEXPR inline
#endif

namespace squall {

// What a site is. The numbers are part of the record format: append only.
enum class site_kind : unsigned char {
    error_return = 1,  // leaves the function with a failure value
    duration = 2,      // changes a duration that arms a timer
    coverage = 3,      // marks a function entry or a branch as reached
    buggify = 4,       // hand-written SQUALL_BUGGIFY
    knob = 5,          // hand-written SQUALL_KNOB, or an instrumented limit
    short_io = 6,      // transfers fewer bytes than asked for
    delay = 7,         // stands still for a while
    skip = 8,          // leaves a statement out
    exception = 9,     // throws what the function throws
    answer_lost = 10,  // returns a failure after the work is done
    allocation = 11,   // no memory
    always = 16,       // assertions; assertions.h
    always_or_unreachable = 17,
    sometimes = 18,
    reachable = 19,
    unreachable = 20,
    sometimes_each = 21,
    // No place: tells the function of the macro at this file and line. The text is "\0file\0\0\0" and then
    // the function's name, zero-terminated.
    function_name = 255,
};

// Head of one record; the text follows it. 32 bytes, readable from an object file without relocating it.
struct alignas(32) site_record {
    unsigned long long id;  // stable identity; 0 means "hash of the text", computed by the reader
    unsigned int size;   // bytes from this head to the next one, text and padding included; a multiple of 32
    unsigned int line;   // for people only, never part of the identity
    unsigned int index;  // dense number within the process, set when the module registers; 0 = not registered
    site_kind kind;
    unsigned char version;   // of this layout: 1
    unsigned short firing;   // chance of firing of its own, in 65,535ths; 0: the run's
    unsigned char* counter;  // coverage: its counter; null of others. Means nothing in a file
};

// Times that a coverage mark was reached since the last reset, 255 standing for more. They stand together in
// the section `squall_counters`, so that resetting and reading them is one sweep.
struct site_counter {
    unsigned char count;
};

// A record with its text: "rule\0file\0function\0detail\0", padded with zeros. N is a multiple of 32.
template <unsigned N>
struct alignas(32) site_entry {
    site_record head;
    char text[N];
};

}  // namespace squall

#if !defined(SQUALL_DISABLED)

extern "C" {
// The gate: not 0 while a run is live in the process, or fault injection in production or Antithesis' output
// is on. Each module has a word of its own, so that no site goes through the global offset table; the
// runtime, which is told of each, writes them all.
__attribute__((weak, visibility("hidden"))) int squall_gate = 0;
void squall_register_gate(int* gate) noexcept __attribute__((weak));
// Slow paths, entered only while the gate is open. They never throw.
bool squall_fire(::squall::site_record* site) noexcept;
long long squall_duration(::squall::site_record* site, long long count) noexcept;
double squall_duration_real(::squall::site_record* site, double count) noexcept;
long long squall_fewer(::squall::site_record* site, long long count) noexcept;
long long squall_capacity(::squall::site_record* site, long long value) noexcept;
long long squall_setting(::squall::site_record* site, long long value, long long low,
                         long long high) noexcept;
void squall_delay(::squall::site_record* site) noexcept;
void squall_sometimes(::squall::site_record* site) noexcept;
void squall_set_errno(int value) noexcept;
void squall_no_memory();  // throws std::bad_alloc
// Makes a module's records, and its counters or those of the compiler's -fsanitize-coverage, known. Weak
// references, so that objects link where the runtime is absent (compiler checks of build systems). Calling
// them again for the same range does nothing.
void squall_register(::squall::site_record* begin, ::squall::site_record* end) noexcept __attribute__((weak));
void squall_register_counters(unsigned char* begin, unsigned char* end) noexcept __attribute__((weak));
extern ::squall::site_record __start_squall_sites[] __attribute__((weak, visibility("hidden")));
extern ::squall::site_record __stop_squall_sites[] __attribute__((weak, visibility("hidden")));
extern unsigned char __start___sancov_cntrs[] __attribute__((weak, visibility("hidden")));
extern unsigned char __stop___sancov_cntrs[] __attribute__((weak, visibility("hidden")));
}

namespace squall {

inline bool gate_open() noexcept {
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
    // A comparison with memory, where the compilers make a load and a test of an atomic load.
    bool open;
    __asm__ volatile("cmpl $0, %1" : "=@ccne"(open) : "m"(squall_gate));
    return __builtin_expect(open, 0);
#else
    return __builtin_expect(__atomic_load_n(&squall_gate, __ATOMIC_RELAXED) != 0, 0);
#endif
}

namespace detail {
inline bool fire_now(site_record& site) noexcept {
    return gate_open() && squall_fire(&site);
}

template <class Rep, bool Real>
struct duration_of {
    static Rep draw(site_record& site, Rep count) noexcept {
        return static_cast<Rep>(squall_duration(&site, static_cast<long long>(count)));
    }
};
template <class Rep>
struct duration_of<Rep, true> {
    static Rep draw(site_record& site, Rep count) noexcept {
        return static_cast<Rep>(squall_duration_real(&site, static_cast<double>(count)));
    }
};
template <class Duration>
inline Duration duration_now(site_record& site, Duration value) noexcept {
    typedef typename Duration::rep rep;
    return gate_open()
               ? Duration(duration_of < rep, static_cast<rep>(1) / 2 != 0 > ::draw(site, value.count()))
               : value;
}
// The largest number that both Int and long long have.
template <class Int>
constexpr long long largest() noexcept {
    return static_cast<long long>(
        ~0ull >> (sizeof(Int) == sizeof(long long) ? 1 : 64 - 8 * sizeof(Int) + (Int(-1) < Int(1) ? 1 : 0)));
}
template <class Int>
inline Int duration_count_drawn(site_record& site, Int value) noexcept {
    // Only an unsigned one can be beyond long long, and is then no time to wait.
    if (value > Int(1) &&
        static_cast<unsigned long long>(value) > static_cast<unsigned long long>(largest<Int>()))
        return value;
    const long long drawn = squall_duration(&site, static_cast<long long>(value));
    if (drawn == static_cast<long long>(value))
        return value;
    return drawn < 0 ? Int(0) : static_cast<Int>(drawn < largest<Int>() ? drawn : largest<Int>());
}
template <class Int>
inline Int duration_count_now(site_record& site, Int value) noexcept {
    return gate_open() ? duration_count_drawn(site, value) : value;
}
// For a number that long long may not hold: what is beyond it stays as it is.
template <class Int>
inline bool drawable(Int value) noexcept {
    return value > Int(1) &&
           static_cast<unsigned long long>(value) <= static_cast<unsigned long long>(largest<Int>());
}
template <class Int>
inline Int fewer_now(site_record& site, Int count) noexcept {
    return gate_open() && drawable(count)
               ? static_cast<Int>(squall_fewer(&site, static_cast<long long>(count)))
               : count;
}
template <class Int>
inline Int capacity_now(site_record& site, Int value) noexcept {
    return gate_open() && drawable(value)
               ? static_cast<Int>(squall_capacity(&site, static_cast<long long>(value)))
               : value;
}
template <class Int>
inline Int setting_now(site_record& site, Int value, long long low, long long high) noexcept {
    return gate_open() ? static_cast<Int>(squall_setting(&site, static_cast<long long>(value), low, high))
                       : value;
}
inline bool delay_now(site_record& site) noexcept {
    return gate_open() && (squall_delay(&site), true);
}
inline bool sometimes_now(site_record& site) noexcept {
    return gate_open() && (squall_sometimes(&site), true);
}
inline bool need_memory_now(site_record& site) {
    return fire_now(site) && (squall_no_memory(), true);
}
// Saturates; a count lost between threads is no loss.
inline void count(site_counter& counter) noexcept {
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
    __asm__("cmpb $255, %0\n\tje 1f\n\tincb %0\n1:" : "+m"(counter.count) : : "cc");
#else
    const unsigned char now = __atomic_load_n(&counter.count, __ATOMIC_RELAXED);
    if (__builtin_expect(now != 255, 1))
        __atomic_store_n(&counter.count, static_cast<unsigned char>(now + 1), __ATOMIC_RELAXED);
#endif
}
inline bool count_if(site_counter& counter, bool condition) noexcept {
    if (condition)
        count(counter);
    return condition;
}
}  // namespace detail

// Hooks. All are usable in constant expressions, where they do nothing: constexpr functions keep working.

// True where the site fires: the rewritten function then returns its failure value.
constexpr bool fire(site_record& site) noexcept {
    return __builtin_is_constant_evaluated() ? false : detail::fire_now(site);
}

// The duration, or another one where the site fires: shorter mostly, at least one tick, sometimes longer.
template <class Duration>
constexpr Duration duration(site_record& site, Duration value) noexcept {
    return __builtin_is_constant_evaluated() ? value : detail::duration_now(site, value);
}

// The same for an integer that counts a unit of time, as the type that it is or becomes; never below 0.
template <class Int>
constexpr Int duration_count(site_record& site, Int value) noexcept {
    return __builtin_is_constant_evaluated() ? value : detail::duration_count_now(site, value);
}

// The number of bytes to transfer, or fewer where the site fires: at least one.
template <class Int>
constexpr Int fewer(site_record& site, Int count) noexcept {
    return __builtin_is_constant_evaluated() ? count : detail::fewer_now(site, count);
}
// The same for a buffer of Asio's: the front of it.
template <class Buffer>
inline Buffer fewer_bytes(site_record& site, const Buffer& buffer) noexcept {
    return gate_open() ? Buffer(buffer.data(), detail::fewer_now(site, buffer.size())) : buffer;
}

// A limit, or in a run that turns it a smaller one, at least 1 and the same throughout the run.
template <class Int>
constexpr Int capacity(site_record& site, Int value) noexcept {
    return __builtin_is_constant_evaluated() ? value : detail::capacity_now(site, value);
}
// A setting, or in a run that turns it one in [low, high], the same throughout the run.
template <class Int>
constexpr Int setting(site_record& site, Int value, long long low, long long high) noexcept {
    return __builtin_is_constant_evaluated() ? value : detail::setting_now(site, value, low, high);
}

// Stands still for a while where the site fires. The value is false or true and means nothing.
constexpr bool delay(site_record& site) noexcept {
    return __builtin_is_constant_evaluated() ? false : detail::delay_now(site);
}

// Notes that the place was reached: an assertion that some run does. The value means nothing.
constexpr bool sometimes(site_record& site) noexcept {
    return __builtin_is_constant_evaluated() ? false : detail::sometimes_now(site);
}
// The same where the condition holds, which is the value; for branches without braces.
constexpr bool sometimes_if(site_record& site, bool condition) noexcept {
    return condition && (sometimes(site), true);
}

// Throws std::bad_alloc where the site fires. The value means nothing.
constexpr bool need_memory(site_record& site) {
    return __builtin_is_constant_evaluated() ? false : detail::need_memory_now(site);
}

// Without <errno.h>, which the file may not include.
inline void set_errno(int value) noexcept {
    squall_set_errno(value);
}

// Counts that a place was reached. Whether or not a run is live, as the compilers' coverage counters do.
SQUALL_DETAIL_CONSTEXPR void reached(site_counter& counter) noexcept {
    if (!__builtin_is_constant_evaluated())
        detail::count(counter);
}

// Counts the place as reached where the condition holds; for branches without braces.
constexpr bool taken(site_counter& counter, bool condition) noexcept {
    return __builtin_is_constant_evaluated() ? condition : detail::count_if(counter, condition);
}

}  // namespace squall

#else  // SQUALL_DISABLED

namespace squall {
namespace detail {
struct nothing {};
struct no_site {
    nothing head;
};
}  // namespace detail
constexpr bool fire(detail::nothing) noexcept {
    return false;
}
template <class Duration>
constexpr Duration duration(detail::nothing, Duration value) noexcept {
    return value;
}
template <class Int>
constexpr Int duration_count(detail::nothing, Int value) noexcept {
    return value;
}
template <class Int>
constexpr Int fewer(detail::nothing, Int count) noexcept {
    return count;
}
template <class Buffer>
inline Buffer fewer_bytes(detail::nothing, const Buffer& buffer) noexcept {
    return buffer;
}
template <class Int>
constexpr Int capacity(detail::nothing, Int value) noexcept {
    return value;
}
template <class Int>
constexpr Int setting(detail::nothing, Int value, long long, long long) noexcept {
    return value;
}
constexpr bool delay(detail::nothing) noexcept {
    return false;
}
constexpr bool sometimes(detail::nothing) noexcept {
    return false;
}
constexpr bool sometimes_if(detail::nothing, bool condition) noexcept {
    return condition;
}
constexpr bool need_memory(detail::nothing) noexcept {
    return false;
}
inline void set_errno(int) noexcept {}
SQUALL_DETAIL_CONSTEXPR void reached(detail::nothing) noexcept {}
constexpr bool taken(detail::nothing, bool condition) noexcept {
    return condition;
}
}  // namespace squall

#endif

namespace squall {
// The failure value of an expected-like class: one with nested unexpected_type and error_type.
template <class Expected>
constexpr Expected failure() {
    return Expected(typename Expected::unexpected_type(typename Expected::error_type()));
}

}  // namespace squall

// SQUALL_SITE(hex id, text bytes, line, kind, text) defines one record, SQUALL_SITE_FIRING one with a chance
// of firing of its own ahead of the text, SQUALL_COVERAGE_SITE one with a counter; `squall instrument` writes
// these. Where each compiler gets "exactly one per place, in one section, whatever the optimisation" from is
// told in docs/how-it-works/site-table.md.
#if defined(SQUALL_DISABLED)
#define SQUALL_SITE_FIRING(ID, N, LINE, KIND, FIRING, TEXT) \
    static const ::squall::detail::no_site squall_site_##ID = {{}};
#define SQUALL_COVERAGE_SITE(ID, N, LINE, KIND, TEXT) \
    static const ::squall::detail::nothing squall_count_##ID = {};
#elif defined(__clang__)
// Inline variables work in all standards; before C++17 with a warning, which the expansion would bring into
// the user's file.
#define SQUALL_DETAIL_SITE(ID, N, LINE, KIND, FIRING, TEXT, COUNTER, USED)                         \
    inline ::squall::site_entry<N> squall_site_##ID __attribute__((section("squall_sites"),        \
                                                                   visibility("hidden") USED)) = { \
        {0x##ID##ull, 32 + (N), LINE, 0, static_cast<::squall::site_kind>(KIND), 1, FIRING, COUNTER}, TEXT};
#define SQUALL_SITE_FIRING(ID, N, LINE, KIND, FIRING, TEXT)                                     \
    _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wc++17-extensions\"") \
        SQUALL_DETAIL_SITE(ID, N, LINE, KIND, FIRING, TEXT, nullptr, ) _Pragma("clang diagnostic pop")
#define SQUALL_DETAIL_USED , used
// Code refers to the counter and not to the record, which must be `used` therefore.
#define SQUALL_COVERAGE_SITE(ID, N, LINE, KIND, TEXT)                                                      \
    _Pragma("clang diagnostic push") _Pragma(                                                              \
        "clang diagnostic ignored \"-Wc++17-extensions\"") inline ::squall::site_counter squall_count_##ID \
        __attribute__((section("squall_counters"), visibility("hidden"))) = {0};                           \
    SQUALL_DETAIL_SITE(ID, N, LINE, KIND, 0, TEXT, &squall_count_##ID.count, SQUALL_DETAIL_USED)           \
    _Pragma("clang diagnostic pop")
#else
// Definitions in a group of their own; the counter shares its record's. `used`: the optimiser of a whole
// program would drop a record that only the section's ends refer to.
#define SQUALL_DETAIL_GROUP(SECTION, ID)             \
    __attribute__((weak, used, visibility("hidden"), \
                   section(SECTION ",\"awG\",@progbits,squall_site_" #ID ",comdat#")))
#define SQUALL_DETAIL_SITE(ID, N, LINE, KIND, FIRING, TEXT, COUNTER) \
    extern ::squall::site_entry<N> squall_site_##ID;                 \
    SQUALL_DETAIL_GROUP("squall_sites", ID)                          \
    ::squall::site_entry<N> squall_site_##ID = {                     \
        {0x##ID##ull, 32 + (N), LINE, 0, static_cast<::squall::site_kind>(KIND), 1, FIRING, COUNTER}, TEXT};
#define SQUALL_SITE_FIRING(ID, N, LINE, KIND, FIRING, TEXT)      \
    extern "C" {                                                 \
    SQUALL_DETAIL_SITE(ID, N, LINE, KIND, FIRING, TEXT, nullptr) \
    }
#define SQUALL_COVERAGE_SITE(ID, N, LINE, KIND, TEXT)                                         \
    extern "C" {                                                                              \
    extern ::squall::site_counter squall_count_##ID;                                          \
    SQUALL_DETAIL_GROUP("squall_counters", ID)::squall::site_counter squall_count_##ID = {0}; \
    SQUALL_DETAIL_SITE(ID, N, LINE, KIND, 0, TEXT, &squall_count_##ID.count)                  \
    }
#endif

#define SQUALL_SITE(ID, N, LINE, KIND, TEXT) SQUALL_SITE_FIRING(ID, N, LINE, KIND, 0, TEXT)

#if !defined(SQUALL_DETAIL_NO_REGISTRATION) && !defined(SQUALL_DISABLED)
// Runs once per translation unit that has this header; the runtime ignores ranges that it has.
__attribute__((constructor(101), used)) static void squall_register_this_module() {
    if (squall_register_gate)
        squall_register_gate(&squall_gate);
    if (squall_register && __start_squall_sites != __stop_squall_sites)
        squall_register(__start_squall_sites, __stop_squall_sites);
    if (squall_register_counters && __start___sancov_cntrs != __stop___sancov_cntrs)
        squall_register_counters(__start___sancov_cntrs, __stop___sancov_cntrs);
}
#endif

#endif  // SQUALL_SITE_H
