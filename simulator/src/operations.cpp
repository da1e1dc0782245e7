// Which operation an alphabet does next, and with what luck.
#include <squall/operations.h>

#include <squall/timer.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace squall::detail {
namespace {

constexpr std::uint64_t kept_stream = stream_key("squall.operations.kept");
constexpr std::uint64_t weight_stream = stream_key("squall.operations.weight");
constexpr std::uint64_t choice_stream = stream_key("squall.operations.choice");
constexpr std::uint64_t argument_stream = stream_key("squall.operations.arguments");
constexpr std::uint64_t pause_stream = stream_key("squall.operations.pause");

// A stream of this alphabet: of a workload or of a client, whichever `whose` names.
std::uint64_t stream_of(std::uint64_t kind, std::string_view alphabet, std::string_view whose) {
    return stream_key(stream_key(kind, text_hash(alphabet)), text_hash(whose));
}

}  // namespace

void operation_table::change() {
    if (!client_.empty())
        throw std::logic_error("squall: an alphabet of operations changes after its first step");
}

void operation_table::add(std::string name, double weight) {
    change();
    if (name.empty() || std::ranges::any_of(entries_, [&](const entry& e) { return e.tally.name == name; }))
        throw std::invalid_argument("squall: the name of operation '" + name + "' is empty or taken");
    if (!std::isfinite(weight) || weight <= 0)
        throw std::invalid_argument("squall: the weight of operation '" + name + "' is not above 0");
    entry& e = entries_.emplace_back();
    e.tally.name = std::move(name);
    e.tally.weight = weight;
}

void operation_table::always(std::string_view name) {
    change();
    const auto found = std::ranges::find_if(entries_, [&](const entry& e) { return e.tally.name == name; });
    if (found == entries_.end())
        throw std::invalid_argument("squall: there is no operation '" + std::string(name) + "' to keep");
    found->always = true;
}

void operation_table::all() {
    change();
    swarm_ = false;
}

void operation_table::vary_weights(double factor) {
    change();
    if (!(factor >= 1 && factor <= 1e6))
        throw std::invalid_argument("squall: weights vary by a factor in [1, 1e6]");
    factor_ = factor;
}

void operation_table::pause(nanoseconds mean) {
    change();
    if (mean < nanoseconds(0))
        throw std::invalid_argument("squall: a pause below 0");
    mean_pause_ = mean;
}

// Draws the seed's subset and weights.
void operation_table::begin(process_context& self) {
    const std::uint64_t seed = self.world().seed();
    if (!client_.empty()) {
        if (seed != seed_ || self.name() != client_)
            throw std::logic_error("squall: an alphabet of operations is used by " + self.name() +
                                   " and belongs to " + client_ + " of seed " + std::to_string(seed_));
        return;
    }
    if (entries_.empty())
        throw std::logic_error("squall: an alphabet without operations");
    seed_ = seed;
    client_ = self.name();
    pauses_ = stream_of(pause_stream, name_, client_);
    const std::uint64_t kept = stream_of(kept_stream, name_, self.group());
    const std::uint64_t weights = stream_of(weight_stream, name_, self.group());
    const std::uint64_t choices = stream_of(choice_stream, name_, client_);
    const std::uint64_t arguments = stream_of(argument_stream, name_, client_);
    entry* nearest = nullptr;
    double least = 2;
    bool any = false;
    for (entry& e : entries_) {
        const std::uint64_t key = text_hash(e.tally.name);
        e.choices = mix_stream(seed, stream_key(choices, key));
        e.arguments = stream_key(arguments, key);
        if (factor_ > 1) {
            const double bits = 2 * unit_real(mix(seed, stream_key(weights, key), 0)) - 1;
            e.tally.weight *= portable_exp(bits * portable_log(factor_));
        }
        e.tally.kept = true;
        if (swarm_ && !e.always) {
            const double drawn = unit_real(mix(seed, stream_key(kept, key), 0));
            e.tally.kept = drawn < 0.5;
            if (drawn < least) {
                least = drawn;
                nearest = &e;
            }
        }
        any = any || e.tally.kept;
    }
    if (!any)
        nearest->tally.kept = true;
}

// A race: each operation's time to the step is exponentially distributed with its weight as the rate, from a
// draw of its own, and the first has the step. That gives each its share, and one more runner changes only
// the steps that it wins. (P. Efraimidis and P. Spirakis, 2006, choose by the same keys.)
operation_table::chosen operation_table::next(process_context& self) {
    begin(self);
    const std::uint64_t step = steps_++;
    std::size_t first = 0;
    double earliest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const entry& e = entries_[i];
        if (!e.tally.kept)
            continue;
        const double time = -portable_log(1 - unit_real(mix_index(e.choices, step))) / e.tally.weight;
        if (time < earliest) {
            earliest = time;
            first = i;
        }
    }
    entry& winner = entries_[first];
    if (winner.tally.begun == 0)
        SQUALL_SOMETIMES_EACH("operations that ran", "workload", self.group(), "operation",
                              full_name(winner));
    return {first, step, winner.tally.begun++};
}

operation_call operation_table::call(process_context& self, const chosen& c) const {
    const entry& e = entries_[c.which];
    return {self, e.tally.name, c.step, c.ordinal,
            decision_stream(seed_, stream_key(e.arguments, c.ordinal))};
}

nanoseconds operation_table::next_pause(process_context& self) {
    if (mean_pause_ == nanoseconds(0))
        return mean_pause_;
    begin(self);
    return exponential_of(mix(seed_, pauses_, paused_++), mean_pause_);
}

std::vector<operation_tally> operation_table::tallies(process_context& self) {
    begin(self);
    std::vector<operation_tally> all;
    for (const entry& e : entries_)
        all.push_back(e.tally);
    return all;
}

std::string operation_table::full_name(const entry& e) const {
    return name_.empty() ? e.tally.name : name_ + ": " + e.tally.name;
}

void operation_table::measure(process_context& self) {
    begin(self);
    for (entry& e : entries_) {
        self.measure(full_name(e) + " calls", static_cast<double>(e.tally.begun - e.measured));
        e.measured = e.tally.begun;
    }
}

asio::awaitable<void> rest(process_context& self, nanoseconds time) {
    if (time <= nanoseconds(0))
        co_return;
    timer wait(self.executor(), time);
    co_await wait.async_wait(asio::as_tuple(asio::deferred));
}

asio::awaitable<void> yield(process_context& self) {
    co_await asio::post(self.executor(), asio::deferred);
}

}  // namespace squall::detail
