// The record of a run, read back from each format: it is well-formed, and causes come before effects.
#include <squall/export.h>

#include "store.h"

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <unistd.h>

namespace squall {
namespace {

using namespace testing_support;
using json = nlohmann::json;

// A seed with partitions, pauses, crashes and connections that end in every way.
run_result result_of(std::uint64_t seed) {
    return run_seed(store_plan(10), {.seed = seed, .chosen = profile::hostile, .keep_log = true});
}
std::string exported(record_format format, std::uint64_t seed = 3) {
    std::ostringstream out;
    export_record(out, format, result_of(seed).record);
    return out.str();
}
std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}
bool is_arrival(std::string_view kind) {
    static const std::set<std::string_view> kinds{"connect", "accept",        "refuse",
                                                  "deliver", "end-of-stream", "reset"};
    return kinds.count(kind) != 0;
}

// Fails if a run that nobody wants the record of keeps it, or one that somebody wants it of is another run.
TEST(Record, IsKeptInFullOnRequestAndChangesNothing) {
    const auto kept = result_of(3);
    const auto plain = run_seed(store_plan(10), {.seed = 3, .chosen = profile::hostile});
    EXPECT_EQ(kept.digest, plain.digest);
    EXPECT_EQ(kept.events, plain.events);
    EXPECT_TRUE(plain.record.empty());
    ASSERT_EQ(kept.record.size(), kept.tail.size());
    EXPECT_LE(plain.tail.size(), 40u);
    for (std::size_t i = 0; i < kept.record.size(); ++i)
        EXPECT_EQ(to_text(kept.record[i]), kept.tail[i]);
    for (const auto& e : plain.tail)
        EXPECT_EQ(e.find("sent to"), std::string::npos) << e;
}

// Fails if a message arrives that nobody sent, or from somebody else, or twice, or out of order.
TEST(Record, EachArrivalHasItsSend) {
    std::map<event_kind, int> arrivals;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        std::map<std::uint64_t, recorded_event> under_way;
        std::uint64_t time = 0;
        for (const auto& e : result_of(seed).record) {
            EXPECT_GE(e.time, time);
            time = e.time;
            if (is_send(e.kind)) {
                ASSERT_NE(e.message, 0u);
                EXPECT_TRUE(under_way.emplace(e.message, e).second) << to_text(e);
            } else if (is_arrival(to_string(e.kind))) {
                const auto sent = under_way.find(e.message);
                ASSERT_NE(sent, under_way.end()) << to_text(e);
                EXPECT_EQ(sent->second.process, e.peer) << to_text(e);
                EXPECT_EQ(sent->second.peer, e.process) << to_text(e);
                EXPECT_EQ(sent->second.bytes, e.bytes) << to_text(e);
                static const std::map<event_kind, event_kind> cause{
                    {event_kind::deliver, event_kind::send},
                    {event_kind::accept, event_kind::send_open},
                    {event_kind::connect, event_kind::send_opened},
                    {event_kind::end_of_stream, event_kind::send_end},
                    {event_kind::reset, event_kind::send_reset},
                    {event_kind::refuse, event_kind::send_reset}};
                EXPECT_EQ(sent->second.kind, cause.at(e.kind)) << to_text(e);
                ++arrivals[e.kind];
                under_way.erase(sent);
            } else {
                EXPECT_EQ(e.message, 0u) << to_text(e);
            }
        }
    }
    EXPECT_EQ(arrivals.size(), 6u) << "kinds of arrivals seen";
}

// Fails if equal records do not give equal bytes, or another seed the same.
TEST(Record, SameSeedSameBytes) {
    for (const auto format :
         {record_format::text, record_format::json_lines, record_format::trace, record_format::shiviz}) {
        const std::string once = exported(format);
        EXPECT_GT(once.size(), 10'000u);
        EXPECT_TRUE(once == exported(format));
        EXPECT_FALSE(once == exported(format, 4));
    }
}

// Fails if an event has no line of its own.
TEST(Record, TextHasALineForEachEvent) {
    std::ostringstream out;
    export_text(out,
                std::vector<recorded_event>{{.time = 1'500'000'000, .process = "a", .text = "two\nlines"}});
    EXPECT_EQ(out.str(), "    1.500000 s  a             log: two lines\n");
    EXPECT_EQ(lines_of(exported(record_format::text)), result_of(3).tail);
}

// Fails if a line is no JSON object, or leaves out what the event has.
TEST(Record, JsonLinesHoldWhatTheEventsHold) {
    const auto events = result_of(3).record;
    const auto lines = lines_of(exported(record_format::json_lines));
    ASSERT_EQ(lines.size(), events.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const json line = json::parse(lines[i]);
        EXPECT_EQ(line.at("time_ns"), events[i].time);
        EXPECT_EQ(line.at("kind"), to_string(events[i].kind));
        EXPECT_EQ(line.value("process", ""), events[i].process);
        EXPECT_EQ(line.value("peer", ""), events[i].peer);
        EXPECT_EQ(line.value("text", ""), events[i].text);
        EXPECT_EQ(line.contains("message"), events[i].message != 0);
        if (events[i].kind == event_kind::deliver) {
            EXPECT_EQ(line.at("bytes"), events[i].bytes);
        }
    }
    std::ostringstream out;
    export_json_lines(out, std::vector<recorded_event>{{.text = "\xff\"\n"}});
    EXPECT_EQ(json::parse(out.str()).at("text"), "\xef\xbf\xbd\"\n");
}

// Fails if the trace is no JSON, a slice is closed that was not open or stays open, an arrow does not go
// forward from process to process, or a time is not the event's.
TEST(Record, TheTraceIsSound) {
    std::set<std::string> phases;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const auto events = result_of(seed).record;
        std::ostringstream out;
        export_trace(out, events);
        const json trace = json::parse(out.str());
        std::map<std::pair<int, int>, int> open;
        std::map<int, json> arrows;
        std::set<int> async;
        std::map<int, std::string> names;
        std::map<int, int> process_of;  // by thread
        std::size_t arrived = 0;
        double now = 0;
        for (const json& e : trace.at("traceEvents")) {
            const std::string phase = e.at("ph");
            phases.insert(phase);
            const int pid = e.at("pid");
            EXPECT_EQ(process_of.try_emplace(e.at("tid").get<int>(), pid).first->second, pid)
                << "Perfetto takes them for one thread: " << e;
            EXPECT_GE(e.at("ts").get<double>(), now);
            now = e.at("ts");
            if (phase == "M") {
                if (e.at("name") == "process_name")
                    names[pid] = e.at("args").at("name");
                continue;
            }
            EXPECT_TRUE(names.count(pid)) << e;
            const std::pair thread(pid, e.at("tid").get<int>());
            if (phase == "B")
                EXPECT_LE(++open[thread], 2) << e;
            else if (phase == "E")
                EXPECT_GE(--open[thread], 0) << e;
            else if (phase == "s")
                EXPECT_TRUE(arrows.emplace(e.at("id"), e).second);
            else if (phase == "f") {
                ASSERT_TRUE(arrows.count(e.at("id")));
                EXPECT_LE(arrows[e.at("id")].at("ts"), e.at("ts"));
                ++arrived;
            } else if (phase == "b")
                EXPECT_TRUE(async.insert(e.at("id").get<int>()).second);
            else if (phase == "e")
                EXPECT_EQ(async.erase(e.at("id").get<int>()), 1u);
            else
                EXPECT_TRUE(phase == "i" || phase == "X") << e;
        }
        for (const auto& [thread, depth] : open)
            EXPECT_EQ(depth, 0);
        EXPECT_TRUE(async.empty());
        EXPECT_EQ(arrived,
                  static_cast<std::size_t>(std::count_if(events.begin(), events.end(), [](const auto& e) {
                      return is_arrival(to_string(e.kind));
                  })));
        EXPECT_NEAR(now * 1000, static_cast<double>(events.back().time), 1);
    }
    EXPECT_EQ(phases, (std::set<std::string>{"B", "E", "M", "X", "b", "e", "f", "i", "s"}));
}

// Fails if what a crash or a pause left open is not closed in order.
TEST(Record, TheTraceClosesWhatACrashInAPauseLeavesOpen) {
    std::ostringstream out;
    const auto at = [](std::uint64_t time, event_kind kind) {
        return recorded_event{.time = time, .kind = kind, .process = "a"};
    };
    export_trace(out, std::vector<recorded_event>{at(1, event_kind::boot), at(2, event_kind::pause),
                                                  at(1003, event_kind::crash), at(1004, event_kind::boot)});
    std::string phases;
    const json trace = json::parse(out.str());
    for (const json& e : trace.at("traceEvents"))
        if (e.at("ph") != "M")
            phases += e.at("ph").get<std::string>();
    EXPECT_EQ(phases, "BBiEEBE");
    EXPECT_NE(out.str().find("\"ts\":1.003"), std::string::npos) << out.str();
}

// Fails if ShiViz's expression, which is its first line, does not take the log apart, a host's own count does
// not go up by one at each of its events, or a clock does not hold those of all that happened before.
TEST(Record, ShivizClocksAreConsistent) {
    const auto events = result_of(3).record;
    const auto lines = lines_of(exported(record_format::shiviz));
    ASSERT_EQ(lines.size(), 2 + 2 * events.size());
    EXPECT_EQ(lines[0], "(?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)");
    EXPECT_EQ(lines[1], "");
    using vector_clock = std::map<std::string, std::uint64_t>;
    std::map<std::string, vector_clock> present;
    std::map<std::uint64_t, vector_clock> sent;
    std::set<std::string> hosts;
    std::size_t joined = 0;
    const std::regex expression("(\\S*) (\\{.*\\})");
    for (std::size_t i = 0; i < events.size(); ++i) {
        std::smatch parts;
        ASSERT_TRUE(std::regex_match(lines[2 + 2 * i], parts, expression)) << lines[2 + 2 * i];
        const std::string host = parts[1];
        const auto clock = json::parse(parts[2].str()).get<vector_clock>();
        EXPECT_EQ(host, events[i].process.empty() ? "squall" : events[i].process);
        EXPECT_NE(lines[3 + 2 * i].find(describe(events[i])), std::string::npos);
        EXPECT_EQ(clock.at(host), present[host][host] + 1);
        vector_clock expected = present[host];
        expected[host] = clock.at(host);
        if (is_arrival(to_string(events[i].kind))) {
            ASSERT_TRUE(sent.count(events[i].message));
            for (const auto& [other, count] : sent[events[i].message])
                expected[other] = std::max(expected[other], count);
            ++joined;
        }
        EXPECT_EQ(clock, expected) << lines[2 + 2 * i];
        if (is_send(events[i].kind))
            sent[events[i].message] = clock;
        present[host] = clock;
        hosts.insert(host);
    }
    EXPECT_GT(joined, 50u);
    EXPECT_GE(hosts.size(), 6u);
    EXPECT_GT(present["server/0"].size(), 2u) << "it heard of others";
}

// An environment variable for the time of a test.
class variable {
public:
    variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
    ~variable() { ::unsetenv(name_); }
    variable(const variable&) = delete;
    variable& operator=(const variable&) = delete;

private:
    const char* name_;
};

class RecordFile : public testing::Test {
protected:
    RecordFile()
        : directory_(std::filesystem::temp_directory_path() /
                     ("squall-record-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(directory_);
    }
    ~RecordFile() override { std::filesystem::remove_all(directory_); }
    std::string path(const char* name) const { return (directory_ / name).string(); }
    static simulation store() {
        simulation s("store");
        s.processes("server", 3, store_server);
        s.workload("client", 2, [] { return std::make_unique<store_client>(5); });
        return s;
    }
    static std::string content(const std::string& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }

private:
    std::filesystem::path directory_;
};

// Fails if an ordinary run of a test with both variables leaves no record of that seed, in that format.
TEST_F(RecordFile, IsWrittenOnRequestOfTheEnvironment) {
    const variable seed("SQUALL_SEED", "17");
    for (const char* name : {"r.txt", "r.jsonl", "r.json", "r.shiviz"}) {
        const variable record("SQUALL_RECORD", path(name));
        const auto report = store().run();
        EXPECT_EQ(report.runs, 1u);
        simulation::plan plan = store_plan(5);
        std::ostringstream expected;
        export_record(expected, record_format_of(name),
                      run_seed(plan, {.seed = 17, .keep_log = true}).record);
        EXPECT_TRUE(content(path(name)) == expected.str()) << name;
    }
}

// Fails if an unknown format, a missing seed or a place that cannot be written to is passed over.
TEST_F(RecordFile, SaysWhatIsWrong) {
    const auto thrown = [] {
        try {
            store().run();
        } catch (const std::exception& e) {
            return std::string(e.what());
        }
        return std::string("nothing");
    };
    {
        const variable record("SQUALL_RECORD", path("r.txt"));
        EXPECT_NE(thrown().find("SQUALL_SEED"), std::string::npos) << thrown();
    }
    const variable seed("SQUALL_SEED", "17");
    {
        const variable record("SQUALL_RECORD", path("r.xml"));
        const std::string text = thrown();
        for (const char* part : {"r.xml", ".txt", ".jsonl", ".json ", ".shiviz"})
            EXPECT_NE(text.find(part), std::string::npos) << text;
    }
    const variable record("SQUALL_RECORD", path("missing/r.txt"));
    EXPECT_NE(thrown().find("cannot write"), std::string::npos) << thrown();
}

}  // namespace
}  // namespace squall
