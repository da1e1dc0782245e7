// What only the real provider has: several threads, a context's outstanding work, and its end at any moment.
#include "real_world.h"
#include "tools.h"

#include <squall/random.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace squall::contract {

TEST(real_provider, belongs_to_the_context) {
    // Fails if two executors of one context have two providers, or two contexts share one.
    asio::io_context one;
    asio::io_context two;
    EXPECT_EQ(&provider_of(one.get_executor()), &provider_of(asio::make_strand(one)));
    EXPECT_NE(&provider_of(one.get_executor()), &provider_of(two.get_executor()));
}

TEST(real_provider, keeps_run_going_while_a_file_operation_is_under_way) {
    // Fails if io_context::run() returns before the handler of a file operation has run.
    scratch_directory directory;
    asio::io_context io;
    file f(io.get_executor());
    bool opened = false;
    f.async_open(directory.path() + "/f", fresh, [&](error_code ec) { opened = !ec; });
    io.run();
    EXPECT_TRUE(opened);
    bool listed = false;
    async_list_directory(
        io.get_executor(), directory.path(),
        [&](error_code ec, const std::vector<std::string>& names) { listed = !ec && names.size() == 1; });
    io.restart();
    io.run();
    EXPECT_TRUE(listed);
}

TEST(real_provider, lets_run_return_when_all_is_done) {
    // Fails if a finished file operation leaves work counted behind.
    scratch_directory directory;
    asio::io_context io;
    file f(io.get_executor());
    f.async_open(directory.path() + "/f", fresh, [&](error_code) { f.close(); });
    io.run();
    EXPECT_TRUE(io.stopped());
}

TEST(real_provider, may_end_with_a_context_that_never_ran) {
    // Fails, under LeakSanitizer, if operations that nobody will ever complete are not freed with their
    // context.
    scratch_directory directory;
    auto token = std::make_shared<int>(0);
    for (int round = 0; round < 20; ++round) {
        asio::io_context io;
        auto t = std::make_shared<timer>(io.get_executor(), std::chrono::hours(1));
        auto f = std::make_shared<file>(io.get_executor());
        auto a = std::make_shared<acceptor>(io.get_executor());
        error_code ec;
        a->listen({asio::ip::address_v4::loopback(), 0}, ec);
        t->async_wait([t, token](error_code) { FAIL(); });
        f->async_open(directory.path() + "/f", fresh, [f, token](error_code) { FAIL(); });
        a->async_accept([a, token](error_code, const stream&) { FAIL(); });
        async_list_directory(io.get_executor(), directory.path(),
                             [token](error_code, const std::vector<std::string>&) { FAIL(); });
    }
    EXPECT_EQ(token.use_count(), 1);
}

TEST(real_provider, may_end_with_a_strand_that_still_has_operations) {
    // Fails if completions that a strand drops while its context goes down are lost, or run.
    scratch_directory directory;
    auto token = std::make_shared<int>(0);
    for (int round = 0; round < 20; ++round) {
        asio::io_context io;
        auto strand = asio::make_strand(io);
        for (int i = 0; i < 5; ++i) {
            auto f = std::make_shared<file>(strand);
            f->async_open(directory.path() + "/f", fresh, [f, token](error_code) { FAIL(); });
        }
        if (round % 2 == 0)
            std::this_thread::sleep_for(std::chrono::microseconds(300));
    }
    EXPECT_EQ(token.use_count(), 1);
}

TEST(real_provider, frees_coroutines_that_wait_when_the_context_ends) {
    // Fails if a coroutine's frame, with handles in it, is leaked or destroyed twice.
    scratch_directory directory;
    auto token = std::make_shared<int>(0);
    {
        asio::io_context io;
        for (int i = 0; i < 10; ++i) {
            asio::co_spawn(
                io,
                [](std::shared_ptr<int>, std::string path, int i) -> asio::awaitable<void> {
                    auto executor = co_await asio::this_coro::executor;
                    file f(executor);
                    co_await f.async_open(path, fresh, use_awaitable);
                    if (i % 2 == 0)
                        co_await f.async_sync(use_awaitable);
                    timer t(executor, std::chrono::hours(1));
                    co_await t.async_wait(use_awaitable);
                }(token, directory.path() + "/f" + std::to_string(i), i),
                asio::detached);
        }
        io.run_for(milliseconds(3));
    }
    EXPECT_EQ(token.use_count(), 1);
}

TEST(real_provider, starts_operations_from_destructors_of_a_context_that_ends) {
    // Fails if an operation that begins while its context goes down is leaked or run.
    scratch_directory directory;
    struct late {
        std::shared_ptr<file> f;
        std::string path;
        std::shared_ptr<int> token;
        ~late() {
            auto shared = f;
            f->async_open(path, fresh, [shared, token = token](error_code) { FAIL(); });
        }
    };
    auto token = std::make_shared<int>(0);
    {
        asio::io_context io;
        auto f = std::make_shared<file>(io.get_executor());
        auto owner =
            std::make_shared<late>(std::make_shared<file>(io.get_executor()), directory.path() + "/f", token);
        f->async_open(directory.path() + "/g", fresh, [f, owner](error_code) { FAIL(); });
    }
    EXPECT_EQ(token.use_count(), 1);
}

TEST(real_provider, serves_strands_on_many_threads) {
    // Fails, and under ThreadSanitizer shows, if the provider relies on its context having one thread.
    scratch_directory directory;
    constexpr int sessions = 8;
    constexpr int rounds = 40;
    std::atomic<int> finished = 0;
    asio::thread_pool pool(4);
    for (int i = 0; i < sessions; ++i) {
        asio::co_spawn(
            asio::make_strand(pool),
            [](std::string path, std::atomic<int>& finished) -> asio::awaitable<void> {
                auto executor = co_await asio::this_coro::executor;
                acceptor a(executor);
                error_code ec;
                a.listen({asio::ip::address_v4::loopback(), 0}, ec);
                stream client(executor);
                co_await client.async_connect(a.local_endpoint(ec), use_awaitable);
                stream server = co_await a.async_accept(use_awaitable);
                file f(executor);
                co_await f.async_open(path, fresh, use_awaitable);
                for (int i = 0; i < rounds; ++i) {
                    std::string text = pattern(100);
                    co_await client.async_write_some(asio::buffer(text), use_awaitable);
                    std::string got(100, '\0');
                    std::size_t n = co_await server.async_read_some(asio::buffer(got), use_awaitable);
                    co_await f.async_write_some_at(static_cast<std::uint64_t>(i), asio::buffer(got.data(), n),
                                                   use_awaitable);
                    timer t(executor, std::chrono::microseconds(10));
                    co_await t.async_wait(use_awaitable);
                    // What is under way is cancelled while other threads may be about to complete it.
                    event done(executor);
                    f.async_sync([&](error_code) { done.set(); });
                    f.cancel();
                    co_await done.wait();
                    random_source random(executor);
                    random();
                }
                ++finished;
            }(directory.path() + "/f" + std::to_string(i), finished),
            asio::detached);
    }
    pool.join();
    EXPECT_EQ(finished, sessions);
}

TEST(real_provider, may_end_while_its_file_threads_are_busy) {
    // Fails if a context goes down while calls are under way and memory is freed under them, or leaked.
    scratch_directory directory;
    auto token = std::make_shared<int>(0);
    for (int round = 0; round < 30; ++round) {
        asio::thread_pool pool(2);
        for (int i = 0; i < 10; ++i) {
            asio::co_spawn(
                asio::make_strand(pool),
                [](std::string path, std::shared_ptr<int>) -> asio::awaitable<void> {
                    auto executor = co_await asio::this_coro::executor;
                    file f(executor);
                    std::string text = pattern(10'000);
                    co_await f.async_open(path, fresh, use_awaitable);
                    for (;;)
                        co_await f.async_write_some_at(0, asio::buffer(text), use_awaitable);
                }(directory.path() + "/f" + std::to_string(i), token),
                asio::detached);
        }
        std::this_thread::sleep_for(std::chrono::microseconds(500));
        pool.stop();
    }
    EXPECT_EQ(token.use_count(), 1);
}

TEST(real_provider, opens_a_fifo_without_waiting_for_its_other_end) {
    // Fails if opening something that is no regular file blocks a thread of the pool for ever.
    scratch_directory directory;
    std::string path = directory.path() + "/fifo";
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    asio::io_context io;
    file f(io.get_executor());
    bool ended = false;
    f.async_open(path, open_mode::read, [&](error_code) { ended = true; });
    io.run_for(std::chrono::seconds(10));
    EXPECT_TRUE(ended);
}

TEST(real_provider, reports_missing_permissions) {
    // Fails if a file that may not be read is opened, or the error is another.
    if (::geteuid() == 0)
        GTEST_SKIP() << "root may do everything";
    scratch_directory directory;
    std::string path = directory.path() + "/secret";
    asio::io_context io;
    file f(io.get_executor());
    f.async_open(path, fresh, [](error_code) {});
    io.run();
    ASSERT_EQ(::chmod(path.c_str(), 0), 0);
    file g(io.get_executor());
    error_code result;
    g.async_open(path, open_mode::read, [&](error_code ec) { result = ec; });
    io.restart();
    io.run();
    EXPECT_EQ(result, boost::system::errc::permission_denied);
}

}  // namespace squall::contract
