// Ctrl-C while files are written.
#ifndef SQUALL_REWRITE_STOP_H
#define SQUALL_REWRITE_STOP_H

namespace squall::rewrite {

// While it lives, SIGINT, SIGTERM and SIGHUP are noted instead of ending the process. One at a time.
class stop_guard {
public:
    stop_guard();
    ~stop_guard();
    stop_guard(const stop_guard&) = delete;
    stop_guard& operator=(const stop_guard&) = delete;
    static void check();  // throws interrupted if one came
};

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_STOP_H
