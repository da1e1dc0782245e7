// What `squall run` shows while it runs: one line that is rewritten on a terminal, else a plain line every
// few seconds.
#ifndef SQUALL_CLI_PROGRESS_H
#define SQUALL_CLI_PROGRESS_H

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace squall::cli {

struct progress_state {
    std::uint64_t runs = 0;  // of this part of the campaign
    std::uint64_t failures = 0;
    std::uint64_t must_reach = 0;
    std::uint64_t must_reach_open = 0;
    std::uint64_t covered = 0;
    std::optional<std::uint64_t> total;
    std::chrono::milliseconds elapsed{0};
    std::optional<std::chrono::milliseconds> time_limit;
};

class progress {
public:
    // Writes to stderr, or nowhere where `quiet`. Colour only on a terminal without NO_COLOR.
    explicit progress(bool quiet);
    ~progress();

    // Cheap; shows something only when it is time to.
    void update(const progress_state& state);

    // A line of its own that stays.
    void note(const std::string& line);

    // Takes the live line away.
    void clear();

private:
    std::string line(const progress_state& state) const;
    std::optional<std::chrono::milliseconds> left(const progress_state& state) const;
    void note_coverage(const progress_state& state, std::chrono::steady_clock::time_point now);

    bool quiet_;
    bool live_;
    bool colour_;
    bool on_screen_ = false;
    // Marks reached, as of a while ago until now.
    std::deque<std::pair<std::chrono::steady_clock::time_point, std::uint64_t>> covered_;
    std::optional<std::chrono::steady_clock::time_point> shown_;
    std::chrono::steady_clock::time_point rate_since_;
    std::uint64_t first_runs_ = 0;
    std::uint64_t rate_runs_ = 0;
    double rate_ = 0;
};

}  // namespace squall::cli

#endif  // SQUALL_CLI_PROGRESS_H
