// kv-server: one replica of the store.
#include "endpoint_option.h"
#include "kv/replica.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <iostream>

namespace asio = boost::asio;

int main(int argc, char** argv) {
    CLI::App app(
        "A replica of the key-value store. Replica 0 is the primary: it serves the clients, and needs one of "
        "the "
        "others up to commit a write.",
        "kv-server");
    int replica = 0;
    std::string listen;
    std::vector<std::string> peers;
    kv::replica_config config;
    bool verbose = false;
    app.add_option("--replica", replica, "Index of this replica")->required()->check(CLI::Range(0, 2));
    app.add_option("--listen", listen, "Where to listen, as ADDRESS:PORT")->required();
    app.add_option("--peers", peers, "Where the other replicas listen (only the primary needs to know)")
        ->delimiter(',');
    app.add_option("--data", config.directory, "Directory of the log; made where it is missing")->required();
    app.add_flag("--verbose", verbose, "Tell what happens");
    try {
        app.parse(argc, argv);
        config.primary = replica == 0;
        config.listen = kv::parse_endpoint(listen);
        if (config.primary && peers.empty())
            throw CLI::ValidationError("--peers", "the primary needs its backups");
        for (const std::string& peer : peers)
            config.backups.push_back(kv::parse_endpoint(peer));
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem);
    }
    if (verbose)
        config.log = [](const std::string& line) { std::clog << "kv-server: " << line << std::endl; };

    asio::io_context context(1);
    auto server = kv::replica::make(context.get_executor(), config);
    int result = 0;
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code ec, int) {
        if (!ec)
            server->stop();
    });
    asio::co_spawn(context, server->run(), [&](std::exception_ptr problem) {
        signals.cancel();
        if (!problem)
            return;
        try {
            std::rethrow_exception(problem);
        } catch (const std::exception& reason) {
            // What is left of this process must not answer anybody; whoever supervises it starts another.
            std::cerr << "kv-server: " << reason.what() << std::endl;
            result = 1;
        }
        context.stop();
    });
    context.run();
    return result;
}
