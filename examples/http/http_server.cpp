// http-server ADDRESS PORT: serves notes until it is told to end.
#include "http/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: http-server ADDRESS PORT\n";
        return 2;
    }
    boost::asio::io_context context(1);
    const auto server = std::make_shared<notes::server>();
    try {
        const notes::endpoint at(boost::asio::ip::make_address(argv[1]),
                                 static_cast<std::uint16_t>(std::strtoul(argv[2], nullptr, 10)));
        boost::asio::signal_set signals(context, SIGINT, SIGTERM);
        signals.async_wait([&](boost::system::error_code, int) { context.stop(); });
        boost::asio::co_spawn(context, server->run(at), [](std::exception_ptr problem) {
            if (problem)
                std::rethrow_exception(problem);
        });
        context.run();
    } catch (const std::exception& problem) {
        std::cerr << "http-server: " << problem.what() << '\n';
        return 1;
    }
    return 0;
}
