// What a program logs by spdlog: stamped in a world, recorded, and left alone outside.
#include <squall/log_sink.h>

#include "store.h"

#include <squall/current_world.h>

#include <spdlog/logger.h>

#include <cstdio>
#include <memory>
#include <thread>

namespace squall {
namespace {

using namespace testing_support;

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
    std::string text() const {
        std::fflush(file_);
        return {text_, size_};
    }

private:
    char* text_ = nullptr;
    std::size_t size_ = 0;
    std::FILE* file_;
};

// Programs that log, and wait in between. What they say does not depend on the seed, when does.
simulation::plan logging_plan(const std::shared_ptr<spdlog::logger>& logger) {
    class talker : public workload {
    public:
        explicit talker(std::shared_ptr<spdlog::logger> l) : logger_(std::move(l)) {}
        asio::awaitable<void> run(workload_context& self) override {
            for (int i = 0; i < 5; ++i) {
                co_await sleep(self.executor(), self.random().exponential(1s));
                logger_->info("round {}", i);
                logger_->debug("not at this level");
            }
            logger_->warn("done");
        }

    private:
        std::shared_ptr<spdlog::logger> logger_;
    };
    auto plan = store_plan(2);
    plan.workloads.push_back({"talker", 2, [logger] { return std::make_unique<talker>(logger); }});
    return plan;
}

// Fails if a line lacks virtual time, process or seed, has real time, or is not in the record.
TEST(LogSink, StampsAndRecordsWhatAWorldLogs) {
    memory_file out;
    const auto logger = std::make_shared<spdlog::logger>("store", make_log_sink(out.get()));
    small_world w({}, 17);
    w.spawn(w.a, [&]() -> asio::awaitable<void> {
        co_await sleep(w.a.executor(), 1500ms);
        logger->info("became {}", "leader");
        w.spawn(w.b, [&]() -> asio::awaitable<void> {
            logger->error("two");
            co_return;
        });
    });
    w.run();
    EXPECT_EQ(out.text(),
              "[    1.500000 s] [a] [seed 17] [store] [info] became leader\n"
              "[    1.500000 s] [b] [seed 17] [store] [error] two\n");
    EXPECT_THAT(w.world.tail(),
                testing::Contains("    1.500000 s  a             log: [store] [info] became leader"));
}

// Fails if equal seeds have other lines or digests, or a line does not show in the digest.
TEST(LogSink, EqualSeedsHaveEqualLines) {
    const auto lines_and_digest = [](std::uint64_t seed, const char* name) {
        memory_file out;
        const auto logger = std::make_shared<spdlog::logger>(name, make_log_sink(out.get()));
        const auto result = run_seed(logging_plan(logger), {.seed = seed});
        return std::pair(out.text(), result.digest);
    };
    const auto one = lines_and_digest(1, "a");
    EXPECT_EQ(std::count(one.first.begin(), one.first.end(), '\n'), 12);
    EXPECT_EQ(one, lines_and_digest(1, "a"));
    EXPECT_NE(one.first, lines_and_digest(2, "a").first);
    EXPECT_NE(one.second, lines_and_digest(1, "b").second);
    const auto report = check_determinism(
        logging_plan(std::make_shared<spdlog::logger>("a", make_log_sink(nullptr))), {.seed = 1});
    EXPECT_TRUE(report.same) << report;
}

// Fails if the sink takes somebody for a world who is none, or goes on doing so after a run.
TEST(LogSink, IsAnOrdinarySinkOutside) {
    memory_file out;
    auto sink = make_log_sink(out.get());
    sink->set_pattern("<%l> %v");
    spdlog::logger logger("store", sink);
    logger.info("before");
    EXPECT_FALSE(current_moment());
    EXPECT_FALSE(log_to_current_world("nobody hears this"));
    small_world w;
    w.at(1ms, [&] {
        logger.info("inside");
        std::thread([&] { logger.info("beside"); }).join();
    });
    w.run();
    logger.info("after");
    EXPECT_EQ(out.text(),
              "<info> before\n"
              "[    0.001000 s] [c] [seed 1] [store] [info] inside\n"
              "<info> beside\n"
              "<info> after\n");
}

// Fails if worlds that run side by side, or one inside the other, are taken for each other.
TEST(LogSink, WorldsAreNotMixedUp) {
    memory_file out;
    spdlog::logger logger("", make_log_sink(out.get()));
    small_world outer({}, 1);
    outer.at(1s, [&] {
        small_world inner({}, 2);
        inner.at(5s, [&] { logger.info("inner"); });
        inner.run();
        logger.info("outer");
    });
    outer.run();
    EXPECT_EQ(out.text(),
              "[    5.000000 s] [c] [seed 2] [info] inner\n"
              "[    1.000000 s] [c] [seed 1] [info] outer\n");

    std::vector<std::thread> threads;
    for (std::uint64_t seed = 100; seed < 104; ++seed)
        threads.emplace_back([&, seed] {
            small_world w({}, seed);
            for (int i = 0; i < 50; ++i)
                w.at(i * 1ms, [&] { logger.info("of {}", w.world.seed()); });
            w.run();
        });
    for (auto& thread : threads)
        thread.join();
    std::istringstream lines(out.text());
    int seen = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto at = line.find("of ");
        if (at == std::string::npos)
            continue;
        ++seen;
        EXPECT_NE(line.find("[seed " + line.substr(at + 3) + "]"), std::string::npos) << line;
    }
    EXPECT_EQ(seen, 200);
}

// Fails if a sink without a file loses what a world logs.
TEST(LogSink, WithoutAFileItRecordsAlone) {
    spdlog::logger logger("x", make_log_sink(nullptr));
    small_world w;
    w.at(1ms, [&] { logger.info("kept"); });
    w.run();
    logger.info("gone");
    EXPECT_THAT(w.world.tail(), testing::Contains(testing::HasSubstr("[x] [info] kept")));
}

}  // namespace
}  // namespace squall
