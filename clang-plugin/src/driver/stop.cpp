// Signal handlers that set a flag.
#include "driver/stop.h"

#include "driver/problem.h"

#include <array>
#include <csignal>
#include <cstddef>

#include <signal.h>

namespace squall::rewrite {
namespace {

constexpr std::array stop_signals{SIGINT, SIGTERM, SIGHUP};
volatile std::sig_atomic_t stop_requested = 0;
std::array<struct sigaction, stop_signals.size()> before;

extern "C" void squall_note_stop(int) {
    stop_requested = 1;
}

}  // namespace

stop_guard::stop_guard() {
    stop_requested = 0;
    struct sigaction note = {};
    note.sa_handler = squall_note_stop;
    for (std::size_t i = 0; i < stop_signals.size(); ++i)
        sigaction(stop_signals[i], &note, &before[i]);
}

stop_guard::~stop_guard() {
    for (std::size_t i = 0; i < stop_signals.size(); ++i)
        sigaction(stop_signals[i], &before[i], nullptr);
}

void stop_guard::check() {
    if (stop_requested)
        throw interrupted();
}

}  // namespace squall::rewrite
