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
// reads them without running anything.
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
    knob = 5,          // hand-written SQUALL_KNOB, or an instrumented constant
    always = 16,       // assertions; assertions.h
    always_or_unreachable = 17,
    sometimes = 18,
    reachable = 19,
    unreachable = 20,
};

// Head of one record; the text follows it. 32 bytes, no pointers: readable from an object file without
// relocating it.
struct alignas(32) site_record {
    unsigned long long id;  // stable identity; 0 means "hash of the text", computed by the reader
    unsigned int size;   // bytes from this head to the next one, text and padding included; a multiple of 32
    unsigned int line;   // for people only, never part of the identity
    unsigned int index;  // dense number within the process, set when the module registers; 0 = not registered
    site_kind kind;
    unsigned char version;  // of this layout: 1
    unsigned char hit;      // coverage: 1 once reached since the last reset
    unsigned char reserved[9];
};

// A record with its text: "rule\0file\0function\0detail\0", padded with zeros. N is a multiple of 32.
template <unsigned N>
struct alignas(32) site_entry {
    site_record head;
    char text[N];
};

}  // namespace squall

extern "C" {
// Number of live runs in the process, plus one while production fault injection is on. Written by the runtime
// only.
extern int squall_gate __attribute__((visibility("default")));
// Slow paths, entered only while the gate is open. They never throw.
bool squall_fire(::squall::site_record* site) noexcept __attribute__((cold));
long long squall_duration(::squall::site_record* site, long long count) noexcept __attribute__((cold));
double squall_duration_real(::squall::site_record* site, double count) noexcept __attribute__((cold));
// Makes a module's records known; a weak reference, so that objects link where the runtime is absent
// (compiler checks of build systems). Calling it again for the same range does nothing.
void squall_register(::squall::site_record* begin, ::squall::site_record* end) noexcept __attribute__((weak));
extern ::squall::site_record __start_squall_sites[] __attribute__((weak, visibility("hidden")));
extern ::squall::site_record __stop_squall_sites[] __attribute__((weak, visibility("hidden")));
}

namespace squall {

inline bool gate_open() noexcept {
    return __builtin_expect(__atomic_load_n(&squall_gate, __ATOMIC_RELAXED) != 0, 0);
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
inline void mark(site_record& site) noexcept {
    if (!__atomic_load_n(&site.hit, __ATOMIC_RELAXED))
        __atomic_store_n(&site.hit, 1, __ATOMIC_RELAXED);
}
inline bool mark_if(site_record& site, bool condition) noexcept {
    if (condition)
        mark(site);
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

// Marks a place as reached. Counts whether or not a run is live, as the compilers' coverage counters do.
SQUALL_DETAIL_CONSTEXPR void reached(site_record& site) noexcept {
    if (!__builtin_is_constant_evaluated())
        detail::mark(site);
}

// Marks the place as reached where the condition holds; for branches without braces.
constexpr bool taken(site_record& site, bool condition) noexcept {
    return __builtin_is_constant_evaluated() ? condition : detail::mark_if(site, condition);
}

// The failure value of an expected-like class: one with nested unexpected_type and error_type.
template <class Expected>
constexpr Expected failure() {
    return Expected(typename Expected::unexpected_type(typename Expected::error_type()));
}

}  // namespace squall

// SQUALL_SITE(hex id, text bytes, line, kind, text) defines one record; `squall instrument` writes these.
// Where each compiler gets "exactly one per place, in one section, whatever the optimisation" from is told in
// docs/how-it-works/site-table.md.
#if defined(__clang__)
// Inline variables work in all standards; before C++17 with a warning, which the expansion would bring into the
// user's file.
#define SQUALL_SITE(ID, N, LINE, KIND, TEXT)                                                             \
    _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wc++17-extensions\"")          \
    inline ::squall::site_entry<N> squall_site_##ID                                                      \
        __attribute__((section("squall_sites"), visibility("hidden"))) = {                               \
            {0x##ID##ull, 32 + (N), LINE, 0, static_cast<::squall::site_kind>(KIND), 1, 0, {0}}, TEXT};  \
    _Pragma("clang diagnostic pop")
#else
#define SQUALL_SITE(ID, N, LINE, KIND, TEXT)                                                            \
    extern "C" {                                                                                        \
    extern ::squall::site_entry<N> squall_site_##ID;                                                    \
    __attribute__((                                                                                     \
        weak, visibility("hidden"),                                                                     \
        section("squall_sites,\"awG\",@progbits,squall_site_" #ID ",comdat#"))) ::squall::site_entry<N> \
        squall_site_##ID = {                                                                            \
            {0x##ID##ull, 32 + (N), LINE, 0, static_cast<::squall::site_kind>(KIND), 1, 0, {0}}, TEXT}; \
    }
#endif

#ifndef SQUALL_DETAIL_NO_REGISTRATION
// Runs once per translation unit that has this header; the runtime ignores ranges that it has.
__attribute__((constructor(101), used)) static void squall_register_this_module() {
    if (squall_register && __start_squall_sites != __stop_squall_sites)
        squall_register(__start_squall_sites, __stop_squall_sites);
}
#endif

#endif  // SQUALL_SITE_H
