// What `squall run` shows while it runs.
#include "progress.h"

#include "text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

namespace squall::cli {

namespace {

using namespace std::chrono_literals;

constexpr auto live_interval = 100ms;
constexpr auto plain_interval = 5s;
constexpr auto new_coverage_window = 10s;

std::size_t terminal_columns() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool dumb_terminal() {
    const char* term = std::getenv("TERM");
    return term == nullptr || std::string_view(term) == "dumb";
}

}  // namespace

progress::progress(bool quiet)
    : quiet_(quiet),
      live_(isatty(STDERR_FILENO) != 0 && !dumb_terminal()),
      rate_since_(std::chrono::steady_clock::now()) {
    const char* no_colour = std::getenv("NO_COLOR");
    colour_ = live_ && (no_colour == nullptr || *no_colour == '\0');
}

progress::~progress() {
    clear();
}

std::string progress::line(const progress_state& state) const {
    std::string text = grouped(state.runs);
    if (state.total) {
        text += fmt::format(" of {}", grouped(*state.total));
    }
    text +=
        fmt::format(" seeds  {}/s  failures {}",
                    rate_ < 10 ? fmt::format("{:.1f}", rate_) : grouped(static_cast<std::uint64_t>(rate_)),
                    grouped(state.failures));
    if (state.must_reach > 0) {
        text += fmt::format("  sometimes {}/{}", state.must_reach - state.must_reach_open, state.must_reach);
    }
    if (state.covered > 0) {
        text += fmt::format("  covered {}", grouped(state.covered));
        if (!covered_.empty() && state.covered > covered_.front().second) {
            text += fmt::format(" (+{})", grouped(state.covered - covered_.front().second));
        }
    }
    text += fmt::format("  {}", duration_text(state.elapsed));
    if (const auto rest = left(state)) {
        text += fmt::format(", {} left", duration_text(*rest));
    }
    return text;
}

// Until all seeds are run or the time is up, whichever comes first.
std::optional<std::chrono::milliseconds> progress::left(const progress_state& state) const {
    std::optional<std::chrono::milliseconds> rest;
    if (state.time_limit) {
        rest = std::max(*state.time_limit - state.elapsed, 0ms);
    }
    if (state.total && rate_ > 0) {
        const double seconds = static_cast<double>(*state.total - std::min(state.runs, *state.total)) / rate_;
        const auto by_count =
            std::chrono::milliseconds(static_cast<std::int64_t>(std::min(seconds, 1e9) * 1000));
        rest = rest ? std::min(*rest, by_count) : by_count;
    }
    return rest;
}

void progress::note_coverage(const progress_state& state, std::chrono::steady_clock::time_point now) {
    covered_.emplace_back(now, state.covered);
    while (covered_.size() > 1 && now - covered_[1].first >= new_coverage_window) {
        covered_.pop_front();
    }
}

void progress::update(const progress_state& state) {
    if (quiet_) {
        return;
    }
    const auto now = std::chrono::steady_clock::now();
    if (!shown_) {
        shown_ = now;
        rate_since_ = now;
        rate_runs_ = first_runs_ = state.runs;
    }
    const auto interval =
        live_ ? std::chrono::milliseconds(live_interval) : std::chrono::milliseconds(plain_interval);
    if (now - *shown_ < interval) {
        return;
    }
    shown_ = now;
    const double seconds = std::chrono::duration<double>(now - rate_since_).count();
    if (seconds >= 0.9) {
        rate_ = static_cast<double>(state.runs - rate_runs_) / seconds;
        rate_runs_ = state.runs;
        rate_since_ = now;
    } else if (rate_runs_ == first_runs_ && seconds > 0) {
        rate_ = static_cast<double>(state.runs - rate_runs_) / seconds;
    }
    note_coverage(state, now);
    std::string text = line(state);
    if (!live_) {
        std::fprintf(stderr, "squall: %s\n", text.c_str());
        return;
    }
    const std::size_t columns = terminal_columns();
    if (text.size() >= columns) {
        text.resize(columns - 1);
    }
    if (colour_) {
        const std::size_t at = text.find("failures ");
        if (at != std::string::npos && state.failures > 0) {
            const std::size_t end = std::min(text.find("  ", at), text.size());
            text.insert(end, "\x1b[0m");
            text.insert(at, "\x1b[31m");
        }
    }
    std::fprintf(stderr, "\r\x1b[K%s", text.c_str());
    std::fflush(stderr);
    on_screen_ = true;
}

void progress::note(const std::string& text) {
    clear();
    if (!quiet_) {
        std::fprintf(stderr, "squall: %s\n", text.c_str());
    }
}

void progress::clear() {
    if (on_screen_) {
        std::fputs("\r\x1b[K", stderr);
        std::fflush(stderr);
        on_screen_ = false;
    }
}

}  // namespace squall::cli
