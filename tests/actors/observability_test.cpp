// What a node tells of itself: its log, its counters, and the list of its activations.
#include "support.h"

#include <squall/log_sink.h>

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace squall::actors {
namespace {

using namespace testing_support;

struct declared {
    int number = 0;
};

class noisy {
    BOOST_DESCRIBE_CLASS(noisy, (), (fail, refuse, rest, fine), (), ())

public:
    static constexpr std::string_view type_name = "noisy";
    using throws = std::tuple<declared>;
    explicit noisy(context& self) : self_(self) {
        if (self.key() == "stillborn")
            throw std::runtime_error("no room");
    }
    asio::awaitable<void> deactivate(deactivation) {
        throw std::runtime_error("it clings");
        co_return;
    }
    void fail() { throw std::runtime_error("it broke"); }
    void refuse() { throw declared{}; }
    asio::awaitable<void> rest(std::chrono::milliseconds time) { co_await pause(self_.executor(), time); }
    void fine() {}

private:
    context& self_;
};

class oddly_named {
    BOOST_DESCRIBE_CLASS(oddly_named, (), (rest, fine), (), ())

public:
    static constexpr std::string_view type_name = "no\"i\\sy\n";
    explicit oddly_named(context& self) : self_(self) {}
    asio::awaitable<void> rest(std::chrono::milliseconds time) { co_await pause(self_.executor(), time); }
    void fine() {}

private:
    context& self_;
};

// A file in memory that a sink writes to.
class memory_file {
public:
    memory_file() : file_(::open_memstream(&text_, &size_)) {}
    ~memory_file() {
        std::fclose(file_);
        std::free(text_);
    }
    memory_file(const memory_file&) = delete;
    memory_file& operator=(const memory_file&) = delete;
    std::FILE* get() const { return file_; }
    std::vector<std::string> lines() const {
        std::fflush(file_);
        std::istringstream in(std::string(text_, size_));
        std::vector<std::string> all;
        for (std::string line; std::getline(in, line);)
            all.push_back(line);
        return all;
    }

private:
    char* text_ = nullptr;
    std::size_t size_ = 0;
    std::FILE* file_;
};

TEST(Log, EachLineHasItsNodeItsActorAndItsVirtualTime) {
    memory_file file;
    in_world([&file](asio::any_io_executor io) -> asio::awaitable<void> {
        node_options options;
        options.listen = asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 7000);
        options.log = std::make_shared<spdlog::logger>("actors", make_log_sink(file.get()));
        node here(io, options);
        here.add<noisy>();
        co_await here.start();
        co_await pause(io, 1500ms);
        const auto a = here.get<noisy>(std::string("a\0", 2));
        co_await code_of(a.call<&noisy::fail>());
        co_await pause(io, 1s);
        // One way, nobody else is told.
        co_await code_of(a.send<&noisy::fail>());
        co_await code_of(a.send<&noisy::refuse>());
        co_await pause(io, 1s);
        co_await code_of(here.get<noisy>("stillborn").call<&noisy::fine>());
        co_await here.stop();
        EXPECT_EQ(here.count().handler_errors, 3u);
    });
    const auto node = testing::HasSubstr("[127.0.0.1:7000#1]");
    const auto actor = testing::HasSubstr("a\\x00");
    using testing::AllOf;
    using testing::HasSubstr;
    EXPECT_THAT(file.lines(),
                testing::ElementsAre(
                    AllOf(HasSubstr("1.500000 s]"), node, actor, HasSubstr("fail: "), HasSubstr("it broke")),
                    AllOf(HasSubstr("2.500000 s]"), node, actor, HasSubstr("fail: "), HasSubstr("it broke")),
                    AllOf(node, actor, HasSubstr("refuse: "), HasSubstr("a declared exception")),
                    AllOf(node, HasSubstr("stillborn"), HasSubstr("no room")),
                    AllOf(node, actor, HasSubstr("a deactivation failed"), HasSubstr("it clings"))));
}

TEST(Metrics, AreOfPrometheusFormat) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io);
        here.add<oddly_named>();
        co_await here.start();
        const auto a = here.get<oddly_named>("a");
        co_await code_of(a.send<&oddly_named::rest>(1s));
        co_await code_of(a.send<&oddly_named::fine>());
        co_await code_of(a.send<&oddly_named::fine>());
        co_await pause(io, 500ms);
        const std::string text = prometheus_text(here);
        // Each sample follows its HELP and TYPE, and no name comes twice.
        static const std::regex help("# HELP ([a-z_]+) [^\n]+\\.");
        static const std::regex type("# TYPE ([a-z_]+) (counter|gauge)");
        static const std::regex sample(R"(([a-z_]+)(\{type="(\\.|[^"\\])*"\})? ([0-9]+))");
        std::istringstream in(text);
        std::string current;
        std::set<std::string> names;
        std::map<std::string, std::string> values;
        EXPECT_TRUE(text.ends_with("\n"));
        for (std::string line; std::getline(in, line);) {
            std::smatch found;
            if (std::regex_match(line, found, help)) {
                current = found[1];
                EXPECT_TRUE(names.insert(current).second) << line;
            } else if (std::regex_match(line, found, type)) {
                EXPECT_EQ(found[1], current) << line;
                EXPECT_EQ(current.ends_with("_total"), found[2] == "counter") << line;
            } else if (std::regex_match(line, found, sample)) {
                EXPECT_EQ(found[1], current) << line;
                values[current] = found[4];
            } else {
                ADD_FAILURE() << "no line of the format: " << line;
            }
        }
        EXPECT_EQ(names.size(), values.size());
        EXPECT_GT(names.size(), 20u);
        EXPECT_THAT(text, testing::HasSubstr("squall_actors_active{type=\"no\\\"i\\\\sy\\n\"} 1\n"));
        EXPECT_EQ(values["squall_actors_waiting"], "2");
        EXPECT_EQ(values["squall_actors_calls_total"], "3");
        co_await here.stop();
    });
}

TEST(Listing, ShowsMailboxesAndTurns) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io);
        here.add<noisy>();
        co_await here.start();
        co_await code_of(here.get<noisy>("b").call<&noisy::fine>());
        const auto a = here.get<noisy>("a");
        co_await code_of(a.send<&noisy::rest>(1s));
        co_await code_of(a.send<&noisy::fine>());
        co_await code_of(a.send<&noisy::fine>());
        co_await pause(io, 500ms);
        const auto later = here.activations();
        EXPECT_EQ(later.size(), 2u);
        EXPECT_EQ(later[0].key, "a");
        EXPECT_EQ(later[0].waiting, 2u);
        EXPECT_EQ(later[0].running, 1u);
        EXPECT_TRUE(later[0].active);
        EXPECT_GT(later[0].epoch, later[1].epoch);
        EXPECT_EQ(later[1].key, "b");
        EXPECT_EQ(later[1].waiting + later[1].running, 0u);
        EXPECT_THAT(
            activation_table(here),
            testing::ContainsRegex(
                "state +epoch +waiting +running  actor\nactive +2 +2 +1  .*/a\nactive +1 +0 +0  .*/b\n"));
        co_await here.stop();
    });
}

}  // namespace
}  // namespace squall::actors
