// The annotations of `squall instrument` as macros, for code that other compilers read with unknown
// attributes as errors. They are the attributes while squall reads the file, and nothing at all to every
// compiler.
//
//   SQUALL_FALLIBLE bool send(const message& m);                  // [[squall::fallible]]
//   SQUALL_FALLIBLE_AS(status::refused) status put(int key);      // [[squall::fallible(status::refused)]]
//   SQUALL_KNOB_RANGE(1, 64) constexpr int max_batch = 32;        // [[squall::knob(1, 64)]]
//   SQUALL_SKIPPABLE flush_cache();                               // [[squall::skip]]
//   SQUALL_DELAYED co_await commit();                             // [[squall::delay]]
//   SQUALL_REACHED("log is full") rotate();                       // [[squall::sometimes("log is full")]]
//   class SQUALL_IGNORED legacy { ... };                          // [[squall::ignore]]
//   SQUALL_IGNORE_FILE                                            // [[squall::ignore]]; at the top of a file
//
// C++11, includes nothing, needs no library. docs/reference/annotations.md tells what each does.
#ifndef SQUALL_ANNOTATIONS_H
#define SQUALL_ANNOTATIONS_H

#if defined(__has_cpp_attribute) && defined(__cplusplus)
#if __has_cpp_attribute(squall::fallible)
#define SQUALL_DETAIL_ANNOTATION(...) [[__VA_ARGS__]]
#define SQUALL_IGNORE_FILE [[squall::ignore]];
#endif
#endif
#ifndef SQUALL_DETAIL_ANNOTATION
#define SQUALL_DETAIL_ANNOTATION(...)
#define SQUALL_IGNORE_FILE
#endif

#define SQUALL_FALLIBLE SQUALL_DETAIL_ANNOTATION(squall::fallible)
#define SQUALL_FALLIBLE_AS(...) SQUALL_DETAIL_ANNOTATION(squall::fallible(__VA_ARGS__))
#define SQUALL_KNOB_RANGE(low, high) SQUALL_DETAIL_ANNOTATION(squall::knob(low, high))
#define SQUALL_SKIPPABLE SQUALL_DETAIL_ANNOTATION(squall::skip)
#define SQUALL_DELAYED SQUALL_DETAIL_ANNOTATION(squall::delay)
#define SQUALL_REACHED(name) SQUALL_DETAIL_ANNOTATION(squall::sometimes(name))
#define SQUALL_IGNORED SQUALL_DETAIL_ANNOTATION(squall::ignore)

#endif  // SQUALL_ANNOTATIONS_H
