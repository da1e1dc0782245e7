// The record of a run: a ring of compact events, always on, rendered as text on demand.
#ifndef SQUALL_SIMULATOR_RECORD_H
#define SQUALL_SIMULATOR_RECORD_H

#include <squall/run.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace squall::simulator {

enum class event_kind : std::uint8_t {
    boot,
    exit,
    crash,
    connect,
    accept,
    refuse,
    deliver,
    end_of_stream,
    reset,
    partition,
    heal,
    sync,
    fault,
    violation,
    note,
    phase,
    pause,
    resume,
    datagram,
    lost
};

class record {
public:
    static constexpr std::uint32_t nobody = 0xffffffffu;

    struct entry {
        std::uint64_t time;
        event_kind kind;
        std::uint32_t process;  // or nobody
        std::uint32_t other;    // the peer, or nobody
        std::uint64_t amount;   // bytes, or an index into notes
    };

    explicit record(bool keep_all) : keep_all_(keep_all) {}

    void add(std::uint64_t time, event_kind kind, std::uint32_t process, std::uint32_t other = nobody,
             std::uint64_t amount = 0) {
        const entry next{time, kind, process, other, amount};
        if (keep_all_)
            all_.push_back(next);
        else
            ring_[count_ % ring_.size()] = next;
        ++count_;
    }
    void add_text(std::uint64_t time, event_kind kind, std::uint32_t process, std::string text) {
        notes_.push_back(std::move(text));
        add(time, kind, process, nobody, notes_.size() - 1);
    }
    void add_fault(std::uint64_t time, std::uint32_t process, const fault_record& fault);

    // The last `most` entries, oldest first; all with keep_all.
    std::vector<std::string> text(const std::vector<std::string>& process_names, std::size_t most = 40) const;

    const std::vector<fault_record>& faults() const noexcept { return faults_; }
    const std::map<std::string_view, std::uint64_t>& fault_counts() const noexcept { return counts_; }

private:
    std::string render(const entry& e, const std::vector<std::string>& process_names) const;

    bool keep_all_;
    std::array<entry, 256> ring_{};
    std::vector<entry> all_;
    std::uint64_t count_ = 0;
    std::vector<std::string> notes_;
    std::vector<fault_record> faults_;
    std::map<std::string_view, std::uint64_t> counts_;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_RECORD_H
