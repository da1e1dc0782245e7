// The operations that a workload may do, from which each client of each seed makes a random sequence.
//
//   squall::operations<> bank;
//   bank.add("deposit", 4, [this](squall::operation_call& call) { return deposit(call); });
//   bank.add("transfer", 2, [this](squall::operation_call& call) { return transfer(call); });
//   co_await bank.run(self, 200);                                              // one after the other
//   co_await bank.run_in_flight(self, 1000, squall::until_chaos_ends);         // a thousand at once
//
// By swarm (A. Groce and others, "Swarm Testing", 2012), each seed does without some of them: what is always
// there hides bugs as well as what is never there. Every choice is a pure function of the seed and of names
// and ordinals: another operation, or one that a seed goes without, takes steps over from the others and
// moves nothing else of theirs, neither their order nor their arguments.
#ifndef SQUALL_OPERATIONS_H
#define SQUALL_OPERATIONS_H

#include <squall/in_flight.h>
#include <squall/simulation.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall {

// One call of an operation, as the operation sees it. Lives as long as the call.
struct operation_call {
    process_context& self;
    std::string_view name;   // of the operation
    std::uint64_t step;      // of this alphabet, from 0
    std::uint64_t ordinal;   // among the calls of this operation, from 0
    decision_stream random;  // for its arguments: keyed by seed, client, operation and ordinal
};

// What came of one operation.
struct operation_tally {
    std::string name;
    bool kept = false;  // in this seed
    double weight = 0;  // in this seed; of those that are not kept too
    std::uint64_t begun = 0;
    std::uint64_t ended = 0;  // of these: without an exception
    std::uint64_t threw = 0;
    bool operator==(const operation_tally&) const = default;
};

namespace detail {

// The alphabet without the code of its operations.
class operation_table {
public:
    explicit operation_table(std::string name) : name_(std::move(name)) {}
    void add(std::string name, double weight);
    void always(std::string_view name);
    void all();
    void vary_weights(double factor);
    void pause(nanoseconds mean);

    struct chosen {
        std::size_t which;
        std::uint64_t step;
        std::uint64_t ordinal;
    };
    chosen next(process_context& self);
    operation_call call(process_context& self, const chosen& c) const;
    void ended(const chosen& c) { ++entries_[c.which].tally.ended; }
    void threw(const chosen& c) { ++entries_[c.which].tally.threw; }
    nanoseconds next_pause(process_context& self);
    std::vector<operation_tally> tallies(process_context& self);
    void measure(process_context& self);

private:
    struct entry {
        operation_tally tally;
        bool always = false;
        std::uint64_t choices = 0;    // mixed stream: which steps it gets
        std::uint64_t arguments = 0;  // stream
        std::uint64_t measured = 0;
    };
    void change();
    void begin(process_context& self);
    std::string full_name(const entry& e) const;

    std::string name_;
    std::vector<entry> entries_;
    bool swarm_ = true;
    double factor_ = 1;
    nanoseconds mean_pause_{0};
    std::uint64_t seed_ = 0;
    std::string client_;  // whose it is; empty: nobody's yet
    std::uint64_t pauses_ = 0;
    std::uint64_t paused_ = 0;
    std::uint64_t steps_ = 0;
};

// Waits; 0 is no wait at all.
asio::awaitable<void> rest(process_context& self, nanoseconds time);
// Lets whatever is ready at this instant go first.
asio::awaitable<void> yield(process_context& self);

}  // namespace detail

// An alphabet. It belongs to one client of one run, so make it a member of the workload: used by another it
// throws std::logic_error. What an operation needs besides its call is captured, or given at each run as
// Context&..., which must then live as long.
template <class... Context>
class operations {
public:
    using function = std::function<asio::awaitable<void>(operation_call&, Context&...)>;

    // Two alphabets of one client need different names; the name also stands before those of the metrics.
    explicit operations(std::string name = {}) : table_(std::move(name)) {}

    // Steps fall to operations in proportion to their weights, which are finite and above 0. Throws
    // std::invalid_argument for a weight or a name that is empty or taken, and like all changes
    // std::logic_error once the first step was made.
    operations& add(std::string name, double weight, function body) {
        table_.add(std::move(name), weight);
        bodies_.push_back(std::move(body));
        return *this;
    }
    // Without this each operation is kept with probability 1/2 in a seed, for all clients of the workload's
    // name together, and where none is the one that came nearest. These are kept in each seed: one,
    operations& always(std::string_view name) {
        table_.always(name);
        return *this;
    }
    // or all.
    operations& all() {
        table_.all();
        return *this;
    }
    // Multiplies each weight by a factor that is drawn per seed, between 1/factor and factor, its logarithm
    // uniform; factor in [1, 1e6], 1 being none.
    operations& vary_weights(double factor = 8) {
        table_.vary_weights(factor);
        return *this;
    }
    // Waits before each operation, exponentially distributed with this mean; 0, the default, is no wait.
    operations& pause(nanoseconds mean) {
        table_.pause(mean);
        return *this;
    }

    // One operation of the client's choice. What it throws is thrown.
    asio::awaitable<void> one(process_context& self, Context&... context) {
        const auto chosen = table_.next(self);
        operation_call call = table_.call(self, chosen);
        try {
            co_await bodies_[chosen.which](call, context...);
        } catch (...) {
            table_.threw(chosen);
            throw;
        }
        table_.ended(chosen);
    }
    // So many, one after the other; an exception ends it.
    asio::awaitable<void> run(process_context& self, std::uint64_t count, Context&... context) {
        for (std::uint64_t i = 0; i < count; ++i) {
            co_await detail::rest(self, table_.next_pause(self));
            co_await one(self, context...);
        }
        table_.measure(self);
    }
    // One after the other until faults have ended; none where there are none yet.
    asio::awaitable<void> run_until_chaos_ends(process_context& self, Context&... context) {
        while (self.chaos()) {
            const nanoseconds begun = self.now();
            co_await detail::rest(self, table_.next_pause(self));
            if (!self.chaos())
                break;
            co_await one(self, context...);
            if (self.now() == begun)
                co_await detail::yield(self);
        }
        table_.measure(self);
    }
    // Many at once: see in_flight.h.
    asio::awaitable<flight> run_in_flight(process_context& self, std::size_t at_once, std::uint64_t total,
                                          Context&... context) {
        const flight result =
            co_await in_flight(self, at_once, total, [&](std::uint64_t) { return rested(self, context...); });
        table_.measure(self);
        co_return result;
    }

    // What ran so far, in the order of add(). The runs above have each operation's calls as a metric as well,
    // "deposit calls" or "bank: deposit calls": one value a client, 0 for one that it never called, so that
    // a sum of 0 in the report is an operation that no seed tried.
    std::vector<operation_tally> ran(process_context& self) { return table_.tallies(self); }

private:
    asio::awaitable<void> rested(process_context& self, Context&... context) {
        const bool under_faults = self.chaos();
        co_await detail::rest(self, table_.next_pause(self));
        if (under_faults && !self.chaos())
            co_return;
        co_await one(self, context...);
    }

    detail::operation_table table_;
    std::vector<function> bodies_;
};

}  // namespace squall

#endif  // SQUALL_OPERATIONS_H
