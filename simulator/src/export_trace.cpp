// The record in Chrome's trace event format (Trace Event Format, Google, 2016), which Perfetto reads too.
//
// Each simulated process is a process of the trace with two threads: what it is (its boots, its pauses, and
// what happens to it) and its messages. An arrow needs a slice to begin and to end at, so messages are slices
// of a nanosecond.
#include <squall/export.h>

#include <nlohmann/json.hpp>

#include <cstdio>
#include <map>
#include <ostream>
#include <unordered_map>
#include <utility>

namespace squall {
namespace {

using json = nlohmann::ordered_json;

// Perfetto takes the number of a thread for one of the whole trace, not of its process alone.
constexpr std::uint64_t threads_of_process = 2;
enum thread_of_process : std::uint64_t { life_thread = 1, message_thread = 2 };

class trace_writer {
public:
    explicit trace_writer(std::ostream& out) : out_(out) {
        out_ << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
    }

    void event(const recorded_event& e) {
        now_ = e.time;
        process& p = process_of(e.process);
        switch (e.kind) {
            case event_kind::boot:
                p.booted = true;
                begin(p, "boot " + std::to_string(++p.boots));
                return;
            case event_kind::exit:
            case event_kind::crash:
                instant(p, e);
                down(p);
                return;
            case event_kind::pause:
                p.paused = true;
                begin(p, "stands still");
                return;
            case event_kind::resume:
                if (std::exchange(p.paused, false))
                    end(p);
                return;
            case event_kind::partition:
                ++partitions_;
                partition("b", partitions_, e.text);
                open_partitions_[partitions_] = e.text;
                return;
            case event_kind::heal:
                heal(e.text);
                return;
            default:
                if (e.message != 0)
                    message(p, e);
                else
                    instant(p, e);
        }
    }

    // Closes what is still open.
    void finish() {
        for (const auto& [name, p] : processes_)
            for (int open = (p.booted ? 1 : 0) + (p.paused ? 1 : 0); open > 0; --open)
                end(p);
        heal("all");
        out_ << "\n]}\n";
    }

private:
    struct process {
        std::uint64_t pid = 0;
        std::uint64_t boots = 0;
        bool booted = false;
        bool paused = false;
    };

    process& process_of(const std::string& name) {
        process& p = processes_[name];
        if (p.pid == 0) {
            p.pid = processes_.size();
            metadata(p, life_thread, "process_name", name.empty() ? "the world" : name);
            metadata(p, life_thread, "thread_name", "life");
            metadata(p, message_thread, "thread_name", "messages");
        }
        return p;
    }

    // Microseconds, exact to the nanosecond: as text, since not every double would be.
    void write(const json& fields, const char* duration = "") {
        char stamp[40];
        std::snprintf(stamp, sizeof stamp, "%llu.%03u", static_cast<unsigned long long>(now_ / 1000),
                      static_cast<unsigned>(now_ % 1000));
        std::string line = fields.dump(-1, ' ', false, json::error_handler_t::replace);
        line.pop_back();
        out_ << (std::exchange(first_, false) ? "\n" : ",\n") << line << ",\"ts\":" << stamp << duration
             << '}';
    }
    static json fields_of(const process& p, thread_of_process thread, const char* phase) {
        return {{"ph", phase}, {"pid", p.pid}, {"tid", threads_of_process * (p.pid - 1) + thread}};
    }
    void metadata(const process& p, thread_of_process thread, const char* what, const std::string& name) {
        json fields = fields_of(p, thread, "M");
        fields["name"] = what;
        fields["args"] = {{"name", name}};
        write(fields);
    }
    void begin(const process& p, const std::string& name) {
        json fields = fields_of(p, life_thread, "B");
        fields["name"] = name;
        write(fields);
    }
    void end(const process& p) { write(fields_of(p, life_thread, "E")); }
    void down(process& p) {
        if (std::exchange(p.paused, false))
            end(p);
        if (std::exchange(p.booted, false))
            end(p);
    }
    void instant(const process& p, const recorded_event& e) {
        json fields = fields_of(p, life_thread, "i");
        fields["name"] = describe(e);
        fields["cat"] = to_string(e.kind);
        fields["s"] = "t";
        write(fields);
    }
    void message(const process& p, const recorded_event& e) {
        json fields = fields_of(p, message_thread, "X");
        fields["name"] = describe(e);
        fields["cat"] = to_string(e.kind);
        write(fields, ",\"dur\":0.001");
        std::uint64_t id = 0;
        if (is_send(e.kind)) {
            id = ++sent_;
            flows_[e.message] = id;
        } else if (const auto cause = flows_.find(e.message); cause != flows_.end()) {
            id = cause->second;
            flows_.erase(cause);
        } else {
            return;
        }
        json flow = fields_of(p, message_thread, is_send(e.kind) ? "s" : "f");
        flow["name"] = "message";
        flow["cat"] = "message";
        flow["id"] = id;
        if (!is_send(e.kind))
            flow["bp"] = "e";
        write(flow);
    }
    void partition(const char* phase, std::uint64_t id, const std::string& name) {
        json fields = fields_of(process_of(""), life_thread, phase);
        fields["name"] = name;
        fields["cat"] = "partition";
        fields["id"] = id;
        write(fields);
    }
    // The eldest of that name, or "all".
    void heal(const std::string& which) {
        for (auto open = open_partitions_.begin(); open != open_partitions_.end();) {
            if (which != "all" && which != open->second) {
                ++open;
                continue;
            }
            partition("e", open->first, open->second);
            open = open_partitions_.erase(open);
            if (which != "all")
                return;
        }
    }

    std::ostream& out_;
    bool first_ = true;
    std::uint64_t now_ = 0;
    std::map<std::string, process> processes_;
    std::unordered_map<std::uint64_t, std::uint64_t> flows_;  // looked up, never gone through
    std::uint64_t sent_ = 0;
    std::uint64_t partitions_ = 0;
    std::map<std::uint64_t, std::string> open_partitions_;
};

}  // namespace

void export_trace(std::ostream& out, std::span<const recorded_event> events) {
    trace_writer writer(out);
    for (const recorded_event& e : events)
        writer.event(e);
    writer.finish();
}

}  // namespace squall
