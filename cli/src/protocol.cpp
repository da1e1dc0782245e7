// The lines that squall and a worker exchange.
#include "protocol.h"

#include "text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>

namespace squall::cli {

namespace {

using plain_json = nlohmann::json;

constexpr std::array<std::string_view, 13> verdict_names = {
    "passed", "assertion", "exception", "deadlock", "livelock", "timeout",       "check",
    "crash",  "hang",      "exit",      "memory",   "protocol", "nondeterminism"};

// A field that may be absent, and must have the right type where it is there.
template <class Value>
Value field(const plain_json& object, const char* key, Value absent = {}) {
    const auto found = object.find(key);
    return found == object.end() ? absent : found->get<Value>();
}

// nlohmann's get<> turns -1 and 1.5 into some unsigned number; here they are errors.
std::uint64_t unsigned_value(const plain_json& value, const char* what) {
    if (!value.is_number_unsigned()) {
        throw protocol_error(fmt::format("\"{}\" is not a whole number from 0 up", what));
    }
    return value.get<std::uint64_t>();
}

std::uint64_t unsigned_field(const plain_json& object, const char* key, bool needed = false) {
    const auto found = object.find(key);
    if (found == object.end()) {
        if (needed) {
            throw protocol_error(fmt::format("\"{}\" is missing", key));
        }
        return 0;
    }
    return unsigned_value(*found, key);
}

std::uint32_t index_value(const plain_json& value, const char* what) {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(unsigned_value(value, what), std::numeric_limits<std::uint32_t>::max()));
}

bool is_hex(std::string_view text, std::size_t digits) {
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

catalog_message parse_catalog(const plain_json& object) {
    catalog_message catalog;
    for (const plain_json& entry : object.at("records")) {
        catalog_record record;
        record.index = index_value(entry.at("index"), "index");
        record.id = entry.at("id").get<std::string>();
        record.kind = entry.at("kind").get<std::string>();
        record.rule = field<std::string>(entry, "rule");
        record.file = field<std::string>(entry, "file");
        record.line = index_value(entry.value("line", plain_json(0u)), "line");
        record.function = field<std::string>(entry, "function");
        record.detail = field<std::string>(entry, "detail");
        if (!is_hex(record.id, 16)) {
            throw protocol_error(fmt::format("the id '{}' is not 16 hexadecimal digits", record.id));
        }
        catalog.records.push_back(std::move(record));
    }
    catalog.errors = field<std::vector<std::string>>(object, "errors");
    catalog.override_errors = field<std::vector<std::string>>(object, "override_errors");
    return catalog;
}

run_result parse_result(const plain_json& object) {
    run_result result;
    result.seed = unsigned_field(object, "seed", true);
    try {
        result.verdict = parse_verdict(object.at("verdict").get<std::string>());
    } catch (const std::invalid_argument& problem) {
        throw protocol_error(problem.what());
    }
    if (result.verdict > verdict::check) {
        throw protocol_error(fmt::format("a worker cannot give the verdict '{}'", name(result.verdict)));
    }
    result.message = field<std::string>(object, "message");
    result.process = field<std::string>(object, "process");
    result.place = field<std::string>(object, "place");
    result.virtual_ns = field<std::int64_t>(object, "virtual_ns");
    result.events = unsigned_field(object, "events");
    result.digest = field<std::string>(object, "digest");
    if (!result.digest.empty() && !is_hex(result.digest, 16)) {
        throw protocol_error(fmt::format("the digest '{}' is not 16 hexadecimal digits", result.digest));
    }
    const auto options = object.find("options");
    if (options != object.end()) {
        result.options = options->is_string() ? options->get<std::string>() : options->dump();
    }
    if (const auto faults = object.find("faults"); faults != object.end()) {
        if (!faults->is_object()) {
            throw protocol_error("\"faults\" is not an object");
        }
        for (const auto& [kind, count] : faults->items()) {
            result.faults[kind] = unsigned_value(count, "faults");
        }
    }
    for (const plain_json& entry : object.value("sites", plain_json::array())) {
        result.sites.push_back({index_value(entry.at(0), "sites"), unsigned_value(entry.at(1), "sites"),
                                unsigned_value(entry.at(2), "sites"), unsigned_value(entry.at(3), "sites")});
    }
    for (const plain_json& entry : object.value("assertions", plain_json::array())) {
        result.assertions.push_back({index_value(entry.at(0), "assertions"),
                                     unsigned_value(entry.at(1), "assertions"),
                                     unsigned_value(entry.at(2), "assertions")});
    }
    for (const plain_json& entry : object.value("each", plain_json::array())) {
        result.each.push_back({index_value(entry.at(0), "each"), entry.at(1).get<std::string>(),
                               unsigned_value(entry.at(2), "each")});
    }
    for (const plain_json& entry : object.value("coverage", plain_json::array())) {
        result.coverage.push_back(index_value(entry, "coverage"));
    }
    result.tail = field<std::vector<std::string>>(object, "tail");
    for (const plain_json& entry : object.value("checkpoints", plain_json::array())) {
        result.checkpoints.emplace_back(unsigned_value(entry.at(0), "checkpoints"),
                                        entry.at(1).get<std::string>());
    }
    return result;
}

// docs/reference/record.md, JSON Lines.
squall::recorded_event parse_event(const plain_json& object) {
    squall::recorded_event event;
    event.time = unsigned_field(object, "time_ns", true);
    const std::string kind = object.at("kind").get<std::string>();
    const auto known = squall::event_kind_named(kind);
    if (!known) {
        throw protocol_error(fmt::format("'{}' is not a kind of event", kind));
    }
    event.kind = *known;
    event.process = field<std::string>(object, "process");
    event.peer = field<std::string>(object, "peer");
    event.bytes = unsigned_field(object, "bytes");
    event.text = field<std::string>(object, "text");
    const std::string message = field<std::string>(object, "message");
    if (!message.empty() && !is_hex(message, 16)) {
        throw protocol_error(fmt::format("the message '{}' is not 16 hexadecimal digits", message));
    }
    event.message = std::strtoull(message.c_str(), nullptr, 16);
    return event;
}

log_message parse_log(const plain_json& object) {
    log_message log;
    log.first = field<bool>(object, "first");
    if (const auto event = object.find("event"); event != object.end()) {
        log.event = parse_event(*event);
        log.text = squall::to_text(*log.event);
    } else {
        log.text = field<std::string>(object, "text");
    }
    return log;
}

plain_json parse_json(std::string_view line) {
    plain_json object = plain_json::parse(line, nullptr, false);
    if (object.is_discarded()) {
        // Text of the program under test in some other encoding is not the worker's fault.
        object = plain_json::parse(valid_utf8(line), nullptr, false);
    }
    return object;
}

}  // namespace

std::string_view name(verdict v) {
    return verdict_names.at(static_cast<std::size_t>(v));
}

verdict parse_verdict(std::string_view text) {
    const auto found = std::find(verdict_names.begin(), verdict_names.end(), text);
    if (found == verdict_names.end()) {
        throw std::invalid_argument(fmt::format("'{}' is not a verdict", text));
    }
    return static_cast<verdict>(found - verdict_names.begin());
}

std::size_t run_result::bytes() const {
    std::size_t total = sizeof *this + message.size() + output.size() + options.size() +
                        sites.size() * sizeof(site_count) + assertions.size() * sizeof(assertion_count) +
                        coverage.size() * 4 + faults.size() * 96;
    for (const each_count& one : each) {
        total += sizeof one + one.values.size();
    }
    for (const std::string& line : tail) {
        total += sizeof line + line.size();
    }
    return total;
}

worker_message parse_message(std::string_view line) {
    const plain_json object = parse_json(line);
    if (!object.is_object()) {
        throw protocol_error("not a JSON object");
    }
    try {
        const std::string type = object.at("type").get<std::string>();
        if (type == "start") {
            return start_message{unsigned_field(object, "seed", true)};
        }
        if (type == "result") {
            return parse_result(object);
        }
        if (type == "log") {
            return parse_log(object);
        }
        if (type == "fault") {
            fault_message fault;
            fault.id = object.at("id").get<std::string>();
            if (!is_hex(fault.id, 16)) {
                throw protocol_error(fmt::format("the id '{}' is not 16 hexadecimal digits", fault.id));
            }
            fault.kind = field<std::string>(object, "kind");
            fault.process = field<std::string>(object, "process");
            fault.time_ns = field<std::int64_t>(object, "time_ns");
            fault.detail = field<std::string>(object, "detail");
            return fault;
        }
        if (type == "catalog") {
            return parse_catalog(object);
        }
        if (type == "hello") {
            return hello_message{object.at("protocol").get<int>(), object.at("test").get<std::string>(),
                                 field<std::string>(object, "simulation"), unsigned_field(object, "seeds")};
        }
        throw protocol_error(fmt::format("'{}' is not a type of message", type));
    } catch (const plain_json::exception& problem) {
        throw protocol_error(problem.what());
    }
}

std::string to_line(const run_request& request) {
    plain_json object = {{"type", "run"},
                         {"seed", request.seed},
                         {"veto", request.veto},
                         {"profile", request.profile},
                         {"log", request.log}};
    if (request.faults) {
        object["faults"] = true;
    }
    return object.dump();
}

}  // namespace squall::cli
