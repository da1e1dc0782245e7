// kv-client: gets, puts and deletes from the command line, and a small benchmark.
#include "endpoint_option.h"
#include "kv/client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <iostream>

namespace asio = boost::asio;

namespace {

struct job {
    std::string verb;
    std::string key;
    std::string value;
    int operations = 10000;
    int parallel = 16;
};

asio::awaitable<int> report(boost::system::error_code ec) {
    if (ec)
        std::cerr << "kv-client: " << ec.message() << std::endl;
    co_return ec ? 1 : 0;
}

asio::awaitable<int> bench(std::shared_ptr<kv::client> client, const job& work) {
    auto executor = co_await asio::this_coro::executor;
    auto begin = std::chrono::steady_clock::now();  // NOLINT(squall-wall-clock): measures the real thing
    int started = 0;
    int failed = 0;
    int running = work.parallel;
    squall::timer finished(executor, std::chrono::hours(24));
    for (int i = 0; i < work.parallel; ++i) {
        asio::co_spawn(
            executor,
            [&]() -> asio::awaitable<void> {
                while (started < work.operations) {
                    std::string key = "bench-" + std::to_string(started++ % 1000);
                    std::string value(100, 'x');
                    auto ec = co_await client->put(std::move(key), std::move(value));
                    if (ec)
                        ++failed;
                }
            },
            [&](std::exception_ptr) {
                if (--running == 0)
                    finished.cancel();
            });
    }
    co_await finished.async_wait(kv::use_tuple);
    const auto end = std::chrono::steady_clock::now();  // NOLINT(squall-wall-clock)
    std::chrono::duration<double> took = end - begin;
    std::cout << work.operations / took.count() << " puts/s, " << work.parallel << " at a time, " << failed
              << " without an answer" << std::endl;
    co_return failed == 0 ? 0 : 1;
}

asio::awaitable<int> run(std::shared_ptr<kv::client> client, job work) {
    if (work.verb == "put")
        co_return co_await report(co_await client->put(work.key, work.value));
    if (work.verb == "del")
        co_return co_await report(co_await client->del(work.key));
    if (work.verb == "bench")
        co_return co_await bench(client, work);
    std::optional<std::string> value;
    auto ec = co_await client->get(work.key, value);
    if (ec)
        co_return co_await report(ec);
    if (!value) {
        std::cerr << "kv-client: no such key: " << work.key << std::endl;
        co_return 3;
    }
    std::cout << *value << std::endl;
    co_return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "Talks to the primary of the key-value store. Exit code: 0 done, 1 failed or outcome unknown, 3 no "
        "such key.",
        "kv-client");
    job work;
    std::string primary = "127.0.0.1:7000";
    app.add_option("--primary", primary, "Where the primary listens, as ADDRESS:PORT")->capture_default_str();
    app.require_subcommand(1);
    auto* put = app.add_subcommand("put", "Set a key");
    put->add_option("key", work.key)->required();
    put->add_option("value", work.value)->required();
    app.add_subcommand("get", "Print a key's value")->add_option("key", work.key)->required();
    app.add_subcommand("del", "Delete a key")->add_option("key", work.key)->required();
    auto* bench = app.add_subcommand("bench", "Time puts of 100 bytes");
    bench->add_option("--operations", work.operations)->check(CLI::PositiveNumber);
    bench->add_option("--parallel", work.parallel)->check(CLI::Range(1, 64));
    squall::endpoint server;
    try {
        app.parse(argc, argv);
        server = kv::parse_endpoint(primary);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem);
    }
    work.verb = app.get_subcommands().front()->get_name();

    asio::io_context context(1);
    auto client = std::make_shared<kv::client>(context.get_executor(), server);
    int result = 1;
    asio::co_spawn(context, run(client, work), [&](std::exception_ptr problem, int code) {
        result = problem ? 1 : code;
        client->stop();
        context.stop();
    });
    context.run();
    return result;
}
