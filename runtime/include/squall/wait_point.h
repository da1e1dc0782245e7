// Wait points: places where a thread of a running program can be parked from outside.
//
//   SQUALL_WAIT_POINT("before the rename");
//
// It is a SQUALL_BUGGIFY_NAMED that never fires by chance. With the override `wait` on its name (injection.h)
// the thread stays there until it is released; `delay(d)` and `panic` do as elsewhere. An expression: true
// where an override says `fire`. C++11. Coroutines park at those of async_wait_point.h.
#ifndef SQUALL_WAIT_POINT_H
#define SQUALL_WAIT_POINT_H
#ifdef __GNUC__
#pragma GCC system_header
#endif

#include <squall/buggify.h>

#define SQUALL_WAIT_POINT(name) SQUALL_BUGGIFY_NAMED_P(name, 0.0)

#endif  // SQUALL_WAIT_POINT_H
