// The record of a run: a ring of compact events, always on, rendered as text on demand.
#ifndef SQUALL_SIMULATOR_RECORD_H
#define SQUALL_SIMULATOR_RECORD_H

#include "kept_memory.h"

#include <squall/recorded_event.h>
#include <squall/run.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace squall::simulator {

class record {
public:
    static constexpr std::uint32_t nobody = 0xffffffffu;

    struct entry {
        std::uint64_t time;
        event_kind kind;
        std::uint32_t process;  // or nobody
        std::uint32_t other;    // the peer, or nobody
        std::uint64_t amount;   // bytes, or an index into notes or faults
    };

    explicit record(bool keep_all) noexcept : keep_all_(keep_all) {}

    void add(std::uint64_t time, event_kind kind, std::uint32_t process, std::uint32_t other = nobody,
             std::uint64_t amount = 0) {
        add_inline(time, kind, process, other, amount);
    }
    // The same where each message passes.
    [[gnu::always_inline]] void add_inline(std::uint64_t time, event_kind kind, std::uint32_t process,
                                           std::uint32_t other, std::uint64_t amount) {
        if (keep_all_) [[unlikely]]
            keep({time, kind, process, other, amount}, is_arrival(kind) ? arriving_ : 0);
        else
            ring_[count_ % ring_.size()] = {time, kind, process, other, amount};
        ++count_;
    }
    void add_text(std::uint64_t time, event_kind kind, std::uint32_t process, std::string text) {
        notes_.push_back(std::move(text));
        add(time, kind, process, nobody, notes_.size() - 1);
    }
    void add_fault(std::uint64_t time, std::uint32_t process, fault_record fault);

    // Of what arrives next: kept with the entry that tells of it. Only with keep_all.
    void arriving(std::uint64_t message) noexcept { arriving_ = message; }
    void add_send(std::uint64_t time, event_kind kind, std::uint32_t process, std::uint32_t other,
                  std::uint64_t bytes, std::uint64_t message);

    // With keep_all: each entry is told as it is made, in words. `names` gives those of the processes, and is
    // asked whenever there is one that it did not name before.
    void tell(std::function<void(const recorded_event&)> listener,
              std::function<std::vector<std::string>()> names) {
        listener_ = std::move(listener);
        names_ = std::move(names);
    }

    bool keeps_all() const noexcept { return keep_all_; }
    std::uint64_t size() const noexcept { return count_; }
    // All entries, in words; empty without keep_all.
    std::vector<recorded_event> all(const std::vector<std::string>& process_names) const;
    // The last `most` entries, oldest first; all with keep_all.
    std::vector<std::string> text(const std::vector<std::string>& process_names, std::size_t most = 40) const;

    struct happened {
        std::uint64_t time;
        std::uint32_t process;  // or nobody
        fault_record fault;
    };
    const kept_vector<happened>& faults() const noexcept { return faults_; }
    const kept_map<std::string_view, std::uint64_t>& fault_counts() const noexcept { return counts_; }

private:
    // What the arrival of a message shows as.
    static constexpr bool is_arrival(event_kind kind) noexcept {
        return kind == event_kind::connect || kind == event_kind::accept || kind == event_kind::refuse ||
               kind == event_kind::deliver || kind == event_kind::end_of_stream || kind == event_kind::reset;
    }
    [[gnu::noinline]] void keep(const entry& next, std::uint64_t message);
    void tell_last();
    recorded_event in_words(const entry& e, const std::vector<std::string>& process_names) const;

    bool keep_all_;
    std::array<entry, 256> ring_;  // the first count_ of them, up to all, are written
    std::vector<entry> all_;
    std::vector<std::uint64_t> messages_;  // beside all_
    std::uint64_t arriving_ = 0;
    std::uint64_t count_ = 0;
    kept_vector<std::string> notes_;
    kept_vector<happened> faults_;
    kept_map<std::string_view, std::uint64_t> counts_;
    std::function<void(const recorded_event&)> listener_;
    std::function<std::vector<std::string>()> names_;
    std::vector<std::string> known_names_;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_RECORD_H
