// Small judges for workloads: whether a sum is kept, whether each thing came once.
//
//   squall::conservation total(1000);
//   total.add("alice", 400);
//   total.add("bob", 590);
//   if (!total.holds())
//       throw squall::check_failed(total.text());   // ... there is 10 too little: alice 400, ...
//
//   squall::deliveries<std::string> messages;
//   messages.sent("m1");                             // or maybe_sent(), where it is not known
//   messages.received("m1");
//   if (!messages.exactly_once())
//       throw squall::check_failed(messages.text());
#ifndef SQUALL_ORACLES_H
#define SQUALL_ORACLES_H

#include <squall/sequential_model.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace squall {

// Balances that must come to a total. Sums are exact, whatever the balances.
class conservation {
public:
    explicit conservation(std::int64_t expected) : expected_(expected) {}

    void add(std::string account, std::int64_t balance) {
        // Two numbers of 64 bits for one of 128, the higher counting 2^32.
        low_ += static_cast<std::int64_t>(static_cast<std::uint64_t>(balance) & 0xffffffffu);
        high_ += balance >> 32;
        accounts_.emplace_back(std::move(account), balance);
    }
    bool holds() const { return difference_high() == 0 && difference_low() == 0; }
    // How much more there is than there should be; at the ends of 64 bits if it has no room there.
    std::int64_t difference() const;
    // One line; at most `accounts_max` balances, the first ones. Printable ASCII.
    std::string text(std::size_t accounts_max = 20) const;

private:
    // The difference as high * 2^32 + low, 0 <= low < 2^32.
    std::int64_t difference_low() const;
    std::int64_t difference_high() const;

    std::int64_t expected_;
    std::int64_t low_ = 0;
    std::int64_t high_ = 0;
    std::vector<std::pair<std::string, std::int64_t>> accounts_;
};

namespace detail {

// "lost 3: 1, 2, ...", at most `limit` of `all`; nothing if there are none.
std::string listed(std::string_view what, const std::vector<std::string>& all, std::size_t limit);

}  // namespace detail

// What was sent beside what came, as multisets: what is sent twice is to come twice. Id needs < and
// text_of().
template <class Id>
class deliveries {
public:
    void sent(const Id& id) { ++counts_[id].sent; }
    // It may have been, and may come or not: its sender crashed, or saw a time-out.
    void maybe_sent(const Id& id) { ++counts_[id].maybe; }
    void received(const Id& id) { ++counts_[id].received; }

    struct surplus {
        Id id;
        std::uint64_t times;
    };
    // In the order of their ids: how many times each was sent but did not come; came, though it was sent,
    // more often than that; came and was never sent.
    std::vector<surplus> lost() const {
        return pick([](const count& c) { return c.received < c.sent ? c.sent - c.received : 0; });
    }
    std::vector<surplus> duplicated() const {
        return pick([](const count& c) {
            const std::uint64_t most = c.sent + c.maybe;
            return most != 0 && c.received > most ? c.received - most : 0;
        });
    }
    std::vector<surplus> invented() const {
        return pick([](const count& c) { return c.sent + c.maybe == 0 ? c.received : 0; });
    }

    bool exactly_once() const { return at_most_once() && lost().empty(); }
    bool at_most_once() const { return duplicated().empty() && invented().empty(); }
    // Nothing is lost or invented.
    bool at_least_once() const { return lost().empty() && invented().empty(); }

    // A line for each of the three kinds that there is, with at most `limit` ids. Printable ASCII.
    std::string text(std::size_t limit = 10) const {
        return detail::listed("lost", texts(lost()), limit) +
               detail::listed("duplicated", texts(duplicated()), limit) +
               detail::listed("invented", texts(invented()), limit);
    }

private:
    struct count {
        std::uint64_t sent = 0;
        std::uint64_t maybe = 0;
        std::uint64_t received = 0;
    };
    template <class Times>
    std::vector<surplus> pick(Times times) const {
        std::vector<surplus> found;
        for (const auto& [id, counts] : counts_)
            if (const std::uint64_t n = times(counts); n != 0)
                found.push_back({id, n});
        return found;
    }
    static std::vector<std::string> texts(const std::vector<surplus>& all) {
        std::vector<std::string> made;
        for (const surplus& each : all)
            made.push_back(text_of(each.id) + (each.times > 1 ? " x" + std::to_string(each.times) : ""));
        return made;
    }

    std::map<Id, count> counts_;
};

// Ids that must differ from each other.
template <class Id>
class unique_ids {
public:
    // Whether it is new.
    bool add(const Id& id) { return ++counts_[id] == 1; }
    bool unique() const { return repeated().empty(); }
    // Those that came more than once, in order.
    std::vector<Id> repeated() const {
        std::vector<Id> found;
        for (const auto& [id, times] : counts_)
            if (times > 1)
                found.push_back(id);
        return found;
    }
    // One line, with at most `limit` ids; empty if all differ. Printable ASCII.
    std::string text(std::size_t limit = 10) const {
        std::vector<std::string> texts;
        for (const auto& [id, times] : counts_)
            if (times > 1)
                texts.push_back(text_of(id) + " x" + std::to_string(times));
        return detail::listed("repeated", texts, limit);
    }

private:
    std::map<Id, std::uint64_t> counts_;
};

}  // namespace squall

#endif  // SQUALL_ORACLES_H
