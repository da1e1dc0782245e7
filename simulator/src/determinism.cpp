// Two runs of a seed, and the first event at which they part.
#include <squall/determinism.h>

#include "one_run.h"
#include "world_state.h"

#include <squall/hex.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <optional>
#include <ostream>

namespace squall {
namespace {

using simulator::trail;

constexpr std::uint64_t shown_before = 10;
constexpr int attempts = 3;

// A run, with the steps of a stretch of it.
struct traced {
    run_result result;
    std::vector<trail::step> steps;
    std::vector<std::string> names;

    // Steps of which it is known how they ended.
    std::size_t ended_steps() const {
        return steps.empty() || steps.back().event == result.events ? steps.size() : steps.size() - 1;
    }
    std::uint64_t digest_after(std::size_t i) const {
        return i + 1 < steps.size() ? steps[i + 1].digest_before : result.digest;
    }
    std::size_t recorded_after(std::size_t i) const {
        return i + 1 < steps.size() ? steps[i + 1].recorded_before : result.record.size();
    }
};

traced trace(const simulation::plan& plan, const run_request& request, std::uint64_t first,
             std::uint64_t count) {
    simulator::one_run once(plan, request);
    // One more than asked for: its digest is what the last one came to.
    once.inside().trail_of_run.keep(first, count + 1);
    traced t;
    t.result = once.execute();
    t.steps = once.inside().trail_of_run.steps();
    t.names = once.inside().process_names();
    return t;
}

bool same_verdict(const run_result& a, const run_result& b) {
    return a.ended.how == b.ended.how && a.ended.message == b.ended.message;
}
bool same(const run_result& a, const run_result& b) {
    return a.digest == b.digest && a.events == b.events && same_verdict(a, b);
}

std::string difference_of(const run_result& a, const run_result& b) {
    const auto verdict_of = [](const run_result& r) {
        return std::string(to_string(r.ended.how)) + (r.ended.message.empty() ? "" : ": " + r.ended.message);
    };
    if (!same_verdict(a, b))
        return "verdict '" + verdict_of(a) + "' and then '" + verdict_of(b) + "'";
    return "digest " + hex(a.digest) + " after " + std::to_string(a.events) + " events, and then " +
           hex(b.digest) + " after " + std::to_string(b.events);
}

// The last checkpoint of both before one at which they differ, and that one.
std::pair<std::uint64_t, std::uint64_t> differing_stretch(const run_result& a, const run_result& b) {
    std::uint64_t last = 0;
    auto in_b = b.checkpoints.begin();
    for (const auto& [event, digest] : a.checkpoints) {
        while (in_b != b.checkpoints.end() && in_b->first < event)
            ++in_b;
        if (in_b == b.checkpoints.end())
            break;
        if (in_b->first != event)
            continue;
        if (in_b->second != digest)
            return {last, event};
        last = event;
    }
    return {last, std::max(a.events, b.events)};
}

// Index of the first step that differs; nothing if none of those that both kept does.
std::optional<std::size_t> first_difference(const traced& a, const traced& b) {
    const std::size_t both = std::min(a.ended_steps(), b.ended_steps());
    for (std::size_t i = 0; i < both; ++i) {
        const trail::step& x = a.steps[i];
        const trail::step& y = b.steps[i];
        if (x.time != y.time || x.process != y.process || x.digest_before != y.digest_before ||
            x.ec != y.ec || x.bytes != y.bytes || a.digest_after(i) != b.digest_after(i))
            return i;
    }
    // All that the shorter one did: the other went on, or they judged the same events differently.
    const auto whole = [](const traced& t) {
        return !t.steps.empty() && t.steps.back().event == t.result.events;
    };
    if (whole(a) && whole(b) && a.steps.size() == b.steps.size())
        return both - 1;
    if ((whole(a) && a.steps.size() == both) || (whole(b) && b.steps.size() == both))
        return both;
    return std::nullopt;
}

std::string line_of(const traced& t, std::size_t i) {
    const trail::step& s = t.steps[i];
    char head[64];
    std::snprintf(head, sizeof head, "%10" PRIu64 "  %12.6f s  ", s.event,
                  static_cast<double>(s.time) * 1e-9);
    std::string who = s.process == simulator::record::nobody ? "-" : t.names[s.process];
    who.resize(std::max<std::size_t>(who.size(), 12), ' ');
    std::string line = head + who + "  " + hex(t.digest_after(i));
    if (s.ec)
        line += "  " + s.ec.message();
    else if (s.bytes != 0)
        line += "  " + std::to_string(s.bytes) + " bytes";
    for (std::size_t k = s.recorded_before; k < t.recorded_after(i); ++k)
        line += (k == s.recorded_before ? "  " : "; ") + describe(t.result.record[k]);
    return line;
}

std::vector<std::string> lines_until(const traced& t, std::size_t last) {
    std::vector<std::string> lines;
    for (std::size_t i = last - std::min<std::size_t>(last, shown_before); i <= last; ++i)
        if (i < t.steps.size())
            lines.push_back(line_of(t, i));
    if (last >= t.steps.size())
        lines.push_back("            the run has ended: " + std::string(to_string(t.result.ended.how)));
    return lines;
}

}  // namespace

determinism_report check_determinism(const simulation::plan& plan, run_request request,
                                     std::uint64_t kept_events) {
    request.keep_log = true;
    determinism_report report;
    report.seed = request.seed;
    std::uint64_t first = 1;
    std::uint64_t count = std::max<std::uint64_t>(kept_events, 1);
    for (int attempt = 0; attempt < attempts; ++attempt) {
        // The first pair is looked at itself: what differs between the first run of a process and the second
        // need not differ between the second and the third.
        const traced a = trace(plan, request, first, count);
        const traced b = trace(plan, request, first, count);
        if (same(a.result, b.result)) {
            if (attempt > 0)
                report.difference += "; further runs were the same";
            return report;
        }
        report.same = false;
        report.difference = difference_of(a.result, b.result);
        const auto found = first_difference(a, b);
        const auto [equal_until, differ_by] = differing_stretch(a.result, b.result);
        if (found && (first == 1 || equal_until + 1 >= first)) {
            report.event = first + *found;
            report.first = lines_until(a, *found);
            report.second = lines_until(b, *found);
            return report;
        }
        first = equal_until + 1 - std::min(equal_until, shown_before);
        count = std::max(kept_events, differ_by - first + 1);
    }
    return report;
}

determinism_report simulation::check_determinism(std::uint64_t seed) const {
    return squall::check_determinism(plan_, {.seed = seed, .chosen = plan_.chosen});
}

std::ostream& operator<<(std::ostream& out, const determinism_report& r) {
    if (r.same)
        return out << "squall: seed " << r.seed << " is one execution\n";
    out << "squall: two runs of seed " << r.seed << " differ: " << r.difference << '\n';
    if (r.event == 0)
        return out << "  the first event that differs was not found again\n";
    out << "  the first event that differs is number " << r.event
        << " (event, time, process, digest after it, what it brought)\n  first run:\n";
    for (const auto& line : r.first)
        out << "    " << line << '\n';
    out << "  second run:\n";
    for (const auto& line : r.second)
        out << "    " << line << '\n';
    return out;
}

}  // namespace squall
