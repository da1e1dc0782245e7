// What the hand-written macros share: the record that each writes into the section `squall_sites`, and the
// static object by which its code finds that record again. C++11, includes nothing but site.h.
#ifndef SQUALL_PLACE_H
#define SQUALL_PLACE_H
#ifdef __GNUC__
#pragma GCC system_header  // the macros use statement expressions and variadic arguments ahead of their
                           // standard
#endif

#include <squall/site.h>

namespace squall {
namespace detail {

// What a run knows of one place.
struct run_cell {
    unsigned long long evaluated;  // of assertions: times true
    unsigned int fired;            // of assertions: times false
    unsigned char state;           // private to the runtime
};

// What the fast paths know of this thread's run. Null and 0 without one.
struct thread_view {
    run_cell* cells;     // by catalog index
    unsigned int count;  // of cells
    void* run;
};

}  // namespace detail
}  // namespace squall

extern "C" {
// initial-exec: no call to find it. Where a library with it is loaded late, it needs 24 bytes of the space
// that the C library keeps for that.
extern __thread ::squall::detail::thread_view squall_thread
    __attribute__((tls_model("initial-exec"), visibility("default")));
}

#if !defined(SQUALL_DISABLED)

namespace squall {

// One macro in the program text; constant-initialised, one per instantiation, all of a place sharing one
// record.
struct site_place {
    // No braces in the macros: their commas would break EXPECT_THROW(SQUALL_ALWAYS(...), ...).
    constexpr site_place(site_kind k, unsigned int l, const char* r, const char* f, const char* d)
        : kind(k),
          line(l),
          rule(r),
          file(f),
          detail(d),
          record(nullptr),
          index(0) {}

    site_kind kind;
    unsigned int line;
    const char* rule;
    const char* file;
    const char* detail;   // the message or name; empty: none
    site_record* record;  // looked up at the first evaluation
    unsigned int index;   // in the catalog; 0 until then, and for good where the record is missing
};

namespace detail {

template <unsigned Value>
struct constant {
    static const unsigned value = Value;
};
// Four characters of a literal from `at` on, the first in the lowest byte; zeros past its end.
constexpr unsigned packed(const char* text, unsigned size, unsigned at, unsigned i) {
    return i == 4 || at + i + 1 >= size
               ? 0u
               : (static_cast<unsigned>(static_cast<unsigned char>(text[at + i])) << (8 * i)) |
                     packed(text, size, at, i + 1);
}

}  // namespace detail
}  // namespace squall

#endif

#define SQUALL_DETAIL_TEXT2(...) #__VA_ARGS__
#define SQUALL_DETAIL_TEXT(...) SQUALL_DETAIL_TEXT2(__VA_ARGS__)
#define SQUALL_DETAIL_FIRST2(first, ...) first
#define SQUALL_DETAIL_FIRST(...) SQUALL_DETAIL_FIRST2(__VA_ARGS__, )

// Writes the record of a place into the section, by the assembler: an attribute on a variable is lost in
// templates (gcc) or makes one record per instantiation (clang). Copies in one object file (inlining) and
// over object files (headers) have equal text, hence one id; the comdat group, named after the place, leaves
// one object file's copies in the program. Four zero-terminated texts follow the head: rule, file, function
// (empty) and detail; the detail by .ascii, which takes literals in several parts with every assembler.
//
// A second record has the name of the function, up to 39 bytes of it, as numbers: the assembler's text is
// made by the preprocessor, which does not know it. No constant of 64 bits: gcc 12 refuses those in lambdas
// of templates.
#define SQUALL_DETAIL_GROUP_OF_PLACE                                 \
    ".pushsection squall_sites,\"aGw\",@progbits,\"squall:" __FILE__ \
    ":" SQUALL_DETAIL_TEXT(__LINE__) "\",comdat\n\t"
#define SQUALL_DETAIL_HEAD(kind_number)                                                  \
    ".balign 32\n77101:\n\t.quad 0\n\t.long 77102f-77101b\n\t.long " SQUALL_DETAIL_TEXT( \
        __LINE__) "\n\t.long 0\n\t.byte " #kind_number ", 1, 0, 0\n\t.quad 0\n\t"
#define SQUALL_DETAIL_WORD(k) \
    "i"(::squall::detail::constant<::squall::detail::packed(__func__, sizeof(__func__), 4 * (k), 0)>::value)
#define SQUALL_DETAIL_RECORD(kind_number, rule, text)                                                               \
    __asm__ volatile(SQUALL_DETAIL_GROUP_OF_PLACE SQUALL_DETAIL_HEAD(kind_number)                                 \
                     ".asciz " SQUALL_DETAIL_TEXT(rule) "\n\t.asciz " SQUALL_DETAIL_TEXT(__FILE__)                \
                     "\n\t.asciz \"\"\n\t.ascii " SQUALL_DETAIL_TEXT(text)                                        \
                     "\n\t.byte 0\n\t.balign 32\n77102:\n\t.popsection\n\t"); \
    __asm__ volatile(SQUALL_DETAIL_GROUP_OF_PLACE SQUALL_DETAIL_HEAD(255)                                         \
                     ".asciz \"\"\n\t.asciz " SQUALL_DETAIL_TEXT(__FILE__)                                        \
                     "\n\t.byte 0, 0\n\t.long %c0, %c1, %c2, %c3, %c4, %c5, %c6, %c7, %c8, %c9"                   \
                     "\n\t.balign 32\n77102:\n\t.popsection\n\t"                                                  \
                     :                                                                                            \
                     : SQUALL_DETAIL_WORD(0), SQUALL_DETAIL_WORD(1), SQUALL_DETAIL_WORD(2), SQUALL_DETAIL_WORD(3), \
                       SQUALL_DETAIL_WORD(4), SQUALL_DETAIL_WORD(5), SQUALL_DETAIL_WORD(6), SQUALL_DETAIL_WORD(7), \
                       SQUALL_DETAIL_WORD(8), SQUALL_DETAIL_WORD(9))

// Statements that define `squall_place`, for the macros.
#define SQUALL_DETAIL_PLACE(kind, number, rule, text) \
    SQUALL_DETAIL_RECORD(number, rule, text);         \
    static ::squall::site_place squall_place(::squall::site_kind::kind, __LINE__, rule, __FILE__, text)

#endif  // SQUALL_PLACE_H
