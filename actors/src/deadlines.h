// The deadlines of a node's calls, over one timer.
#ifndef SQUALL_ACTORS_SRC_DEADLINES_H
#define SQUALL_ACTORS_SRC_DEADLINES_H

#include <squall/actors/call.h>
#include <squall/timer.h>

#include <boost/intrusive/set.hpp>

#include <functional>
#include <memory>

namespace squall::actors::detail {

// Holds no reference to the calls in it; one that is destroyed is in it no more.
class deadlines {
public:
    deadlines(const asio::any_io_executor& executor, std::weak_ptr<void> owner,
              std::function<void(call_base&)> expired)
        : timer_(executor),
          owner_(std::move(owner)),
          expired_(std::move(expired)) {}
    ~deadlines() { calls_.clear(); }
    deadlines(const deadlines&) = delete;
    deadlines& operator=(const deadlines&) = delete;

    // Nothing for a deadline that never comes.
    void add(call_base& call);
    void remove(call_base& call);
    // Takes all out, and calls f with each.
    template <class F>
    void expire_all(F f) {
        while (!calls_.empty()) {
            const call_ptr call(&*calls_.begin());
            calls_.erase(calls_.begin());
            f(*call);
        }
    }

private:
    struct earlier {
        bool operator()(const call_base& a, const call_base& b) const {
            return a.deadline != b.deadline ? a.deadline < b.deadline : a.number < b.number;
        }
    };
    using hook =
        boost::intrusive::member_hook<call_base, decltype(call_base::in_deadlines), &call_base::in_deadlines>;

    void arm();
    void expire();

    boost::intrusive::multiset<call_base, hook, boost::intrusive::compare<earlier>,
                               boost::intrusive::constant_time_size<false>>
        calls_;
    squall::timer timer_;
    steady_clock::time_point armed_ = steady_clock::time_point::max();
    std::weak_ptr<void> owner_;
    std::function<void(call_base&)> expired_;
};

}  // namespace squall::actors::detail

#endif  // SQUALL_ACTORS_SRC_DEADLINES_H
