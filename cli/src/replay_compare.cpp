// Two runs of one seed compared.
#include "replay_compare.h"

#include "text.h"

#include <fmt/format.h>

#include <algorithm>

namespace squall::cli {

namespace {

constexpr std::size_t lines_before = 5;

std::vector<std::string> lines_until(const std::vector<std::string>& log, std::size_t last) {
    std::vector<std::string> lines;
    for (std::size_t i = last - std::min(last, lines_before); i <= last && i < log.size(); ++i) {
        lines.push_back(log[i]);
    }
    if (last >= log.size()) {
        lines.emplace_back("(the run has ended)");
    }
    return lines;
}

std::string digest_text(const run_result& result) {
    return fmt::format("{}{}{}", name(result.verdict), result.digest.empty() ? "" : " with digest ",
                       result.digest);
}

// The last checkpoint that two runs have in common with one digest, and the first with two.
std::optional<std::pair<std::uint64_t, std::uint64_t>> differing_stretch(const run_result& a,
                                                                         const run_result& b) {
    std::uint64_t same_until = 0;
    for (const auto& [event, digest] : a.checkpoints) {
        const auto found = std::find_if(b.checkpoints.begin(), b.checkpoints.end(),
                                        [&, at = event](const auto& other) { return other.first == at; });
        if (found == b.checkpoints.end()) {
            continue;
        }
        if (found->second != digest) {
            return std::pair(same_until, event);
        }
        same_until = event;
    }
    return same_until > 0 ? std::optional(std::pair(same_until, std::max(a.events, b.events))) : std::nullopt;
}

replay_run with_log(replay_run run) {
    run.request.log = true;
    run.on_log = {};
    run.keep_log = true;
    run.keep_events = false;
    run.output = worker_process::output_use::keep_tail;
    return run;
}

}  // namespace

run_comparison compare(const replay_outcome& first, const replay_outcome& second) {
    run_comparison compared;
    const run_result& a = first.result;
    const run_result& b = second.result;
    const auto parted =
        std::mismatch(first.log.begin(), first.log.end(), second.log.begin(), second.log.end());
    const bool logs_differ = parted.first != first.log.end() || parted.second != second.log.end();
    compared.same = a.verdict == b.verdict && a.message == b.message && a.digest == b.digest && !logs_differ;
    if (compared.same) {
        return compared;
    }
    compared.difference = fmt::format("first {}, then {} in another process", digest_text(a), digest_text(b));
    if (logs_differ) {
        const auto at = static_cast<std::size_t>(parted.first - first.log.begin());
        compared.line = at + 1;
        compared.first = lines_until(first.log, at);
        compared.second = lines_until(second.log, at);
    } else if (const auto stretch = differing_stretch(a, b)) {
        compared.difference +=
            fmt::format("; the logs are the same, the digests until event {} but not at event {}",
                        stretch->first, stretch->second);
    }
    return compared;
}

run_comparison compare_two_runs(const replay_run& run) {
    const replay_run logged = with_log(run);
    const replay_outcome first = run_once(logged);
    return compare(first, run_once(logged));
}

std::string as_text(const run_comparison& compared, std::uint64_t seed) {
    if (compared.same) {
        return fmt::format("two runs of seed {} are one execution\n", seed);
    }
    std::string text = fmt::format("two runs of seed {} differ: {}\n", seed, printable(compared.difference));
    if (compared.line > 0) {
        text += fmt::format("the first event that differs is line {} of the log:\n", compared.line);
        for (const auto& [title, lines] :
             {std::pair("first run", &compared.first), std::pair("second run", &compared.second)}) {
            text += fmt::format("  {}:\n", title);
            for (const std::string& line : *lines) {
                text += fmt::format("    {}\n", printable(line));
            }
        }
    }
    return text;
}

std::string explain_difference(const std::optional<run_result>& recorded, const replay_run& run) {
    const replay_run logged = with_log(run);
    const replay_outcome first = run_once(logged);  // with checkpoints even if it passes
    std::string text;
    if (recorded) {
        if (const auto stretch = differing_stretch(*recorded, first.result)) {
            text += fmt::format("; the same until event {}, but not at event {}", stretch->first,
                                stretch->second);
        }
    }
    const run_comparison again = compare(first, run_once(logged));
    if (again.same) {
        return text +
               "; two runs of today are the same (has the program been built anew, or its environment "
               "changed?)";
    }
    text += "; two runs of today differ as well: the program is not deterministic";
    if (again.line > 0) {
        text += fmt::format(". The first event that differs is line {} of the log: '{}' and '{}'", again.line,
                            again.first.back(), again.second.back());
    }
    return text;
}

}  // namespace squall::cli
