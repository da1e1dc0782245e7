// Line-delimited JSON between `squall run` and a test binary.
#include "worker.h"

#include "event_json.h"
#include "exhaustive.h"
#include "stack_on_quit.h"

#include <squall/catalog.h>
#include <squall/coverage.h>
#include <squall/hex.h>

#include <nlohmann/json.hpp>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include <unistd.h>

namespace squall::simulator {
namespace {

using nlohmann::json;

// As many of the last events as a run has that was not recorded in full.
constexpr std::ptrdiff_t tail_lines = 40;

int descriptor(const char* variable) {
    const char* text = std::getenv(variable);
    if (text == nullptr)
        return -1;
    int fd = -1;
    const std::string_view digits(text);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), fd);
    return error == std::errc() && end == digits.data() + digits.size() ? fd : -1;
}

// The parent's pipes. Lines out are written whole; a parent that is gone ends the process.
class channel {
public:
    channel() : in_(descriptor("SQUALL_WORKER_IN")), out_(descriptor("SQUALL_WORKER_OUT")) {}

    bool usable() const { return in_ >= 0 && out_ >= 0; }

    template <class Json = json>
    void send(const Json& message) {
        // What a program under test prints need not be UTF-8.
        const std::string line = message.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
        std::size_t done = 0;
        while (done < line.size()) {
            const ssize_t n = ::write(out_, line.data() + done, line.size() - done);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                std::_Exit(2);
            done += static_cast<std::size_t>(n);
        }
    }
    // The next message; null at the end.
    json receive() {
        for (;;) {
            const auto newline = buffer_.find('\n');
            if (newline != std::string::npos) {
                const std::string line = buffer_.substr(0, newline);
                buffer_.erase(0, newline + 1);
                return json::parse(line);
            }
            char chunk[4096];
            const ssize_t n = ::read(in_, chunk, sizeof chunk);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return nullptr;
            buffer_.append(chunk, static_cast<std::size_t>(n));
        }
    }

private:
    int in_;
    int out_;
    std::string buffer_;
};

channel& the_channel() {
    static channel instance;
    return instance;
}

json catalog_message(const std::vector<std::string>& record_errors,
                     const std::vector<std::string>& override_errors) {
    json records = json::array();
    for (const catalog_entry& e : catalog())
        records.push_back({{"index", e.index},
                           {"id", hex(e.id)},
                           {"kind", to_string(e.kind)},
                           {"rule", e.rule},
                           {"file", e.file},
                           {"line", e.line},
                           {"function", e.function},
                           {"detail", e.detail}});
    json message{{"type", "catalog"}, {"records", std::move(records)}};
    if (!record_errors.empty())
        message["errors"] = record_errors;
    if (!override_errors.empty())
        message["override_errors"] = override_errors;
    return message;
}

json result_message(const run_result& r, bool with_checkpoints) {
    json sites = json::array();
    for (const auto& s : r.sites)
        sites.push_back({s.index, s.evaluated, s.activated ? 1 : 0, s.fired});
    json assertions = json::array();
    for (const auto& a : r.assertions)
        assertions.push_back({a.index, a.times_true, a.times_false});
    json each = json::array();
    for (const auto& e : r.each)
        each.push_back({e.index, e.values, e.times});
    json faults = json::object();
    for (const auto& [kind, count] : r.faults)
        faults[kind] = count;
    json checkpoints = json::array();
    if (with_checkpoints)
        for (const auto& [event, digest] : r.checkpoints)
            checkpoints.push_back({event, hex(digest)});
    return {{"type", "result"},
            {"seed", r.seed},
            {"verdict", to_string(r.ended.how)},
            {"message", r.ended.message},
            {"process", r.ended.process},
            {"place", r.ended.place},
            {"details", r.ended.details},
            {"virtual_ns", r.virtual_time.count()},
            {"events", r.events},
            {"digest", hex(r.digest)},
            {"faults", std::move(faults)},
            {"options", r.options},
            {"sites", std::move(sites)},
            {"assertions", std::move(assertions)},
            {"each", std::move(each)},
            {"coverage", r.coverage},
            {"tail", r.passed() ? std::vector<std::string>() : r.tail},
            {"checkpoints", std::move(checkpoints)}};
}

profile profile_named(const std::string& name, profile otherwise) {
    for (profile p : {profile::calm, profile::swarm, profile::hostile})
        if (to_string(p) == name)
            return p;
    return otherwise;
}

run_request request_from(const json& message, const simulation::plan& plan) {
    run_request request;
    request.seed = message.at("seed").get<std::uint64_t>();
    request.chosen = profile_named(message.value("profile", ""), plan.chosen);
    request.keep_log = message.value("log", false);
    for (const auto& id : message.value("veto", std::vector<std::string>()))
        request.vetoed.push_back(std::stoull(id, nullptr, 16));
    return request;
}

}  // namespace

bool is_worker() {
    return the_channel().usable();
}

bool serve(const simulation::plan& plan, const std::string& test,
           const std::vector<std::string>& record_errors, const std::vector<std::string>& override_errors) {
    channel& parent = the_channel();
    stack_on_quit();
    parent.send({{"type", "hello"},
                 {"protocol", 1},
                 {"test", test},
                 {"simulation", plan.name},
                 {"seeds", plan.seeds}});
    parent.send(catalog_message(record_errors, override_errors));
    bool served = false;
    for (;;) {
        const json message = parent.receive();
        if (message.is_null())
            return served;
        const std::string type = message.value("type", "");
        if (type == "skip")
            return false;
        if (type == "end")
            return served;
        if (type != "run")
            throw std::runtime_error("squall: a message of type '" + type +
                                     "' from `squall run` (another version?)");
        served = true;
        run_request request = request_from(message, plan);
        parent.send({{"type", "start"}, {"seed", request.seed}});
        if (message.value("faults", false)) {
            // One by one: a run that takes the process down leaves them behind.
            request.on_fault = [&parent](const happened_fault& fault) {
                parent.send({{"type", "fault"},
                             {"id", hex(fault.decision)},
                             {"kind", fault.kind},
                             {"process", fault.process},
                             {"time_ns", fault.time.count()},
                             {"detail", fault.detail}});
            };
        }
        bool first = true;
        if (request.keep_log) {
            // Likewise.
            request.on_event = [&parent, &first](const recorded_event& event) {
                nlohmann::ordered_json message{{"type", "log"}, {"event", to_json(event)}};
                if (std::exchange(first, false))
                    message["first"] = true;
                parent.send(message);
            };
        }
        coverage_reset();
        // Of an exhaustive seed the first run that fails is its result, or else the last.
        run_result result;
        run_all_of_seed(plan, request, {.tail = false}, [&](run_result one) {
            result = std::move(one);
            first = true;
            return result.passed();
        });
        if (std::ssize(result.tail) > tail_lines)
            result.tail.erase(result.tail.begin(), result.tail.end() - tail_lines);
        if (!result.exhausted.empty()) {
            if (!result.options.empty() && result.options.back() != '\n')
                result.options += '\n';
            result.options += "exhaustive: " + result.exhausted + '\n';
        }
        result.coverage = coverage_reached();
        parent.send(result_message(result, !result.passed() || request.keep_log));
    }
}

}  // namespace squall::simulator
