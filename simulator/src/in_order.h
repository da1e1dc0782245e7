// Work spread over threads, its results taken in order by one.
#ifndef SQUALL_SIMULATOR_IN_ORDER_H
#define SQUALL_SIMULATOR_IN_ORDER_H

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace squall::simulator {

// Calls make(i) for i = 0 to count - 1 on `threads` threads, and take(i, result) on this one, in order, until
// it returns false. An exception of make() is thrown here when its turn comes. No more than a few results a
// thread are made ahead.
template <class Make, class Take>
void in_order(std::uint64_t count, unsigned threads, Make make, Take take) {
    using result_type = decltype(make(std::uint64_t{0}));
    if (threads <= 1 || count <= 1) {
        for (std::uint64_t i = 0; i < count; ++i)
            if (!take(i, make(i)))
                return;
        return;
    }
    std::mutex mutex;
    std::condition_variable room;
    std::condition_variable news;
    std::map<std::uint64_t, std::variant<result_type, std::exception_ptr>> made;
    std::uint64_t next = 0;   // to be made
    std::uint64_t taken = 0;  // so many
    bool stop = false;
    const std::uint64_t ahead = std::uint64_t{4} * threads;
    const auto work = [&] {
        std::unique_lock lock(mutex);
        for (;;) {
            room.wait(lock, [&] { return stop || next == count || next < taken + ahead; });
            if (stop || next == count)
                return;
            const std::uint64_t mine = next++;
            lock.unlock();
            std::variant<result_type, std::exception_ptr> outcome;
            try {
                outcome = make(mine);
            } catch (...) {
                outcome = std::current_exception();
            }
            lock.lock();
            made.emplace(mine, std::move(outcome));
            news.notify_one();
        }
    };
    struct crew {
        ~crew() {
            {
                const std::lock_guard lock(mutex);
                stop = true;
            }
            room.notify_all();
            for (std::thread& each : all)
                each.join();
        }
        std::mutex& mutex;
        std::condition_variable& room;
        bool& stop;
        std::vector<std::thread> all;
    } workers{mutex, room, stop, {}};
    for (unsigned i = 0; i < threads; ++i)
        workers.all.emplace_back(work);
    while (taken < count) {
        std::unique_lock lock(mutex);
        news.wait(lock, [&] { return !made.empty() && made.begin()->first == taken; });
        auto mine = std::move(made.extract(made.begin()).mapped());
        lock.unlock();
        if (auto* error = std::get_if<std::exception_ptr>(&mine))
            std::rethrow_exception(*error);
        if (!take(taken, std::move(std::get<result_type>(mine))))
            return;
        lock.lock();
        ++taken;
        lock.unlock();
        room.notify_all();
    }
}

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_IN_ORDER_H
