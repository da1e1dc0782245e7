// Asio's own recycling of memory, on a thread that runs a world.
#ifndef SQUALL_SIMULATOR_RECYCLING_SCOPE_H
#define SQUALL_SIMULATOR_RECYCLING_SCOPE_H

#include "kept_memory.h"

#include <boost/asio/detail/thread_context.hpp>
#include <boost/asio/detail/thread_info_base.hpp>

#include <optional>

namespace squall::simulator {

// What a world leaves for the thread's next one: pieces of memory without content, as kept_memory.h does for
// what is not Asio's.
struct kept_by_asio {
    static inline thread_local bool gone = false;  // the thread is ending
    boost::asio::detail::thread_info_base pieces;
    ~kept_by_asio() { gone = true; }
};

// Lets Asio recycle coroutine frames and operations on this thread while a world runs, as io_context::run
// does. Under AddressSanitizer each scope has pieces of its own, lest one world's be taken for another's.
class recycling_scope : private boost::asio::detail::thread_context {
public:
    recycling_scope() : context_(nullptr, pieces()) {}

private:
    boost::asio::detail::thread_info_base& pieces() {
        static thread_local kept_by_asio kept;
        return keeps_memory && !kept_by_asio::gone ? kept.pieces : own_.emplace();
    }

    std::optional<boost::asio::detail::thread_info_base> own_;
    thread_call_stack::context context_;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_RECYCLING_SCOPE_H
