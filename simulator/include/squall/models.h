// Sequential models of the usual objects. Each is an executable specification: apply() does an operation.
//
//   squall::register_model<int>            read, write, compare-and-set
//   squall::registers_model<Key, Value>    many of them, judged key by key
//   squall::set_model<T>                   add, remove, contains, judged element by element
//   squall::queue_model<T>                 enqueue, dequeue, which may find it empty
//   squall::counter_model                  add, add and get, read
//   squall::bank_model                     transfers, and reads of all balances at once
#ifndef SQUALL_MODELS_H
#define SQUALL_MODELS_H

#include <squall/history.h>
#include <squall/sequential_model.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace squall {

// A register that may be empty: Value is a std::optional.
template <class Value>
struct register_model {
    enum class action : std::uint8_t { read, write, compare_and_set };
    struct input {
        action what = action::read;
        Value value{};     // to write
        Value expected{};  // of compare_and_set
        bool operator==(const input&) const = default;
    };
    struct output {
        Value value{};     // of read
        bool done = true;  // of compare_and_set
        bool operator==(const output&) const = default;
    };
    using state = Value;

    static input read() { return {}; }
    static input write(Value value) { return {action::write, std::move(value), {}}; }
    static input compare_and_set(Value expected, Value value) {
        return {action::compare_and_set, std::move(value), std::move(expected)};
    }
    static output is(Value value) { return {std::move(value), true}; }
    static output done(bool whether = true) { return {{}, whether}; }

    Value initial{};

    state init() const { return initial; }
    output apply(state& now, const input& in) const {
        if (in.what == action::read)
            return is(now);
        const bool changes = in.what == action::write || now == in.expected;
        if (changes)
            now = in.value;
        return done(changes);
    }
    bool reads_only(const input& in, const std::optional<output>& out) const {
        return in.what == action::read || (in.what == action::compare_and_set && out && !out->done);
    }
    std::string describe(const input& in, const std::optional<output>& out) const {
        switch (in.what) {
            case action::read:
                return out ? "read -> " + text_of(out->value) : "read";
            case action::write:
                return "write " + text_of(in.value);
            case action::compare_and_set:
                break;
        }
        return "cas " + text_of(in.expected) + " to " + text_of(in.value) +
               (out ? (out->done ? " -> done" : " -> differs") : "");
    }
    std::string describe_state(const state& now) const { return text_of(now); }
};

template <class Key, class Value>
struct registers_model {
    using one = register_model<Value>;
    struct input {
        Key where{};
        typename one::input what{};
        bool operator==(const input&) const = default;
    };
    using output = typename one::output;
    using state = typename one::state;

    static input read(Key where) { return {std::move(where), one::read()}; }
    static input write(Key where, Value value) { return {std::move(where), one::write(std::move(value))}; }
    static input compare_and_set(Key where, Value expected, Value value) {
        return {std::move(where), one::compare_and_set(std::move(expected), std::move(value))};
    }
    static output is(Value value) { return one::is(std::move(value)); }
    static output done(bool whether = true) { return one::done(whether); }

    Value initial{};  // of each

    state init() const { return initial; }
    const Key& key(const input& in) const { return in.where; }
    output apply(state& now, const input& in) const { return one{}.apply(now, in.what); }
    bool reads_only(const input& in, const std::optional<output>& out) const {
        return one{}.reads_only(in.what, out);
    }
    std::string describe(const input& in, const std::optional<output>& out) const {
        return one{}.describe(in.what, out);
    }
    std::string describe_state(const state& now) const { return text_of(now); }
};

template <class T>
struct set_model {
    enum class action : std::uint8_t { add, remove, contains };
    struct input {
        action what = action::contains;
        T element{};
        bool operator==(const input&) const = default;
    };
    using output = bool;  // contains: whether it does; the others: whether that changed anything
    using state = bool;   // of one element

    static input add(T element) { return {action::add, std::move(element)}; }
    static input remove(T element) { return {action::remove, std::move(element)}; }
    static input contains(T element) { return {action::contains, std::move(element)}; }

    state init() const { return false; }
    const T& key(const input& in) const { return in.element; }
    output apply(state& now, const input& in) const {
        if (in.what == action::contains)
            return now;
        return std::exchange(now, in.what == action::add) != now;
    }
    bool reads_only(const input& in, const std::optional<output>& out) const {
        return in.what == action::contains || (out && !*out);
    }
    std::string describe(const input& in, const std::optional<output>& out) const {
        static constexpr const char* names[] = {"add ", "remove ", "contains "};
        return names[static_cast<std::size_t>(in.what)] + text_of(in.element) +
               (out ? " -> " + text_of(*out) : "");
    }
    std::string describe_state(const state& now) const { return now ? "in the set" : "not in the set"; }
};

// First in, first out.
template <class T>
struct queue_model {
    struct input {
        std::optional<T> enqueued = {};  // none: dequeue
        bool operator==(const input&) const = default;
    };
    using output = std::optional<T>;  // of dequeue; none: it was empty
    using state = std::deque<T>;

    static input enqueue(T value) { return {std::optional<T>(std::move(value))}; }
    static input dequeue() { return {}; }

    state init() const { return {}; }
    output apply(state& now, const input& in) const {
        output first;
        if (in.enqueued) {
            now.push_back(*in.enqueued);
        } else if (!now.empty()) {
            first = std::move(now.front());
            now.pop_front();
        }
        return first;
    }
    // Compares before it copies.
    std::optional<state> step(const state& now, const input& in, const std::optional<output>& out) const {
        if (!in.enqueued && out && *out != (now.empty() ? output() : output(now.front())))
            return std::nullopt;
        std::optional<state> next(now);
        apply(*next, in);
        return next;
    }
    bool reads_only(const input& in, const std::optional<output>& out) const {
        return !in.enqueued && out && !*out;
    }
    // What was dequeued first was enqueued first, as a rule.
    std::vector<std::uint64_t> order_hints(
        const std::vector<const recorded_operation<input, output>*>& calls) const
        requires std::totally_ordered<T>
    {
        std::map<T, std::deque<std::uint64_t>> dequeued;
        for (const auto* each : calls)
            if (!each->input.enqueued && each->output && *each->output)
                dequeued[**each->output].push_back(each->called_rank);
        std::vector<std::uint64_t> hints;
        for (const auto* each : calls) {
            hints.push_back(0);
            if (!each->input.enqueued)
                continue;
            hints.back() = never;
            if (const auto found = dequeued.find(*each->input.enqueued);
                found != dequeued.end() && !found->second.empty()) {
                hints.back() = found->second.front();
                found->second.pop_front();
            }
        }
        return hints;
    }
    std::string describe(const input& in, const std::optional<output>& out) const {
        if (in.enqueued)
            return "enqueue " + text_of(*in.enqueued);
        return out ? "dequeue -> " + (*out ? text_of(**out) : "empty") : "dequeue";
    }
    std::string describe_state(const state& now) const { return text_of(now); }
};

// Wraps around at the ends of 64 bits.
struct counter_model {
    enum class action : std::uint8_t { read, add, add_and_get };
    struct input {
        action what = action::read;
        std::int64_t amount = 0;
        bool operator==(const input&) const = default;
    };
    using output = std::int64_t;  // 0 of add
    using state = std::int64_t;

    static input read() { return {}; }
    static input add(std::int64_t amount = 1) { return {action::add, amount}; }
    static input add_and_get(std::int64_t amount = 1) { return {action::add_and_get, amount}; }

    std::int64_t initial = 0;

    state init() const { return initial; }
    output apply(state& now, const input& in) const {
        now = static_cast<std::int64_t>(static_cast<std::uint64_t>(now) +
                                        static_cast<std::uint64_t>(in.amount));
        return in.what == action::add ? 0 : now;
    }
    bool reads_only(const input& in, const std::optional<output>&) const { return in.amount == 0; }
    std::string describe(const input& in, const std::optional<output>& out) const {
        std::string text = in.what == action::read ? "read" : "add " + text_of(in.amount);
        if (in.what == action::add_and_get)
            text += " and get";
        return out && in.what != action::add ? text + " -> " + text_of(*out) : text;
    }
    std::string describe_state(const state& now) const { return text_of(now); }
};

// Accounts are numbered from 0. An operation on one that is not there is refused; so is a transfer of less
// than nothing, one that would overdraw (unless allowed), and one for which a balance has no room.
struct bank_model {
    struct transfer {
        std::size_t from = 0;
        std::size_t to = 0;
        std::int64_t amount = 0;
        bool operator==(const transfer&) const = default;
    };
    struct input {
        std::optional<transfer> move = {};  // none: all balances at once
        bool operator==(const input&) const = default;
    };
    struct output {
        bool done = true;                         // of a transfer
        std::vector<std::int64_t> balances = {};  // of a read
        bool operator==(const output&) const = default;
    };
    using state = std::vector<std::int64_t>;

    static input balances() { return {}; }
    static input move(std::size_t from, std::size_t to, std::int64_t amount) {
        return {transfer{from, to, amount}};
    }
    static output done(bool whether = true) { return {whether, {}}; }
    static output are(std::vector<std::int64_t> balances) { return {true, std::move(balances)}; }

    std::vector<std::int64_t> initial = {};
    bool may_overdraw = false;

    state init() const { return initial; }
    output apply(state& now, const input& in) const {
        if (!in.move)
            return are(now);
        const auto& [from, to, amount] = *in.move;
        if (from >= now.size() || to >= now.size() || amount < 0 || (!may_overdraw && now[from] < amount))
            return done(false);
        std::int64_t less = 0;
        std::int64_t more = 0;
        if (from != to) {
            if (__builtin_sub_overflow(now[from], amount, &less) ||
                __builtin_add_overflow(now[to], amount, &more))
                return done(false);
            now[from] = less;
            now[to] = more;
        }
        return done();
    }
    bool reads_only(const input& in, const std::optional<output>& out) const {
        return !in.move || (out && !out->done);
    }
    std::string describe(const input& in, const std::optional<output>& out) const {
        if (!in.move)
            return out ? "balances -> " + text_of(out->balances) : "balances";
        return "move " + text_of(in.move->amount) + " from " + text_of(in.move->from) + " to " +
               text_of(in.move->to) + (out && !out->done ? " -> refused" : "");
    }
    std::string describe_state(const state& now) const { return text_of(now); }
};

}  // namespace squall

#endif  // SQUALL_MODELS_H
