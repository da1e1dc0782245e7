// bank-node: a process of the bank. Three of them make a bank that survives the loss of any (for as long as
// the one that keeps the states comes back).
#include "bank/account.h"
#include "cluster/member.h"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <exception>
#include <iostream>
#include <string>

namespace {

namespace asio = boost::asio;
namespace actors = squall::actors;

using asio::ip::tcp;

tcp::endpoint parse(const std::string& text) {
    const auto colon = text.rfind(':');
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(text.substr(0, colon), ec);
    std::uint16_t port = 0;
    if (colon == std::string::npos || ec || !CLI::detail::lexical_cast(text.substr(colon + 1), port))
        throw CLI::ValidationError(text, "expected ADDRESS:PORT");
    return {address, port};
}

// Port 0 becomes one that is free now. Somebody else may take it before this process listens; then it ends.
tcp::endpoint with_port(asio::io_context& context, const tcp::endpoint& wanted) {
    return wanted.port() != 0 ? wanted : tcp::acceptor(context, wanted).local_endpoint();
}

void tell(const char* what, const tcp::endpoint& where) {
    std::cout << what << ' ' << where << std::endl;
}

asio::awaitable<void> keep(asio::any_io_executor executor, cluster::authority_options options) {
    tell("keeps", options.listen);
    co_await cluster::run_authority(executor, options);
    throw std::runtime_error("the disk failed: start again to see what it has");
}

asio::awaitable<void> serve(cluster::member& mine) {
    co_await mine.start();
    tell("serves", mine.here().id().address.endpoint());
}

asio::awaitable<void> leave(cluster::member& mine) {
    co_await mine.here().stop();
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "A process of the bank: it has accounts, and with --keep it has the directory and all states for the "
        "others as well. It says on its standard output where it keeps and serves.",
        "bank-node");
    std::string listen = "127.0.0.1:0";
    std::string authority;
    std::string directory;
    app.add_option("--listen", listen, "Where its accounts are reached, as ADDRESS:PORT; port 0: any")
        ->capture_default_str();
    app.add_option("--authority", authority, "Where the process with --keep keeps, as ADDRESS:PORT")
        ->required();
    app.add_option("--keep", directory, "Keep directory and states, in this directory, at --authority");
    asio::io_context context(1);
    cluster::authority_options keeping;
    cluster::member_options options;
    try {
        app.parse(argc, argv);
        options.authority = parse(authority);
        if (!directory.empty())
            options.authority = with_port(context, options.authority);
        options.listen = with_port(context, parse(listen));
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem);
    }
    keeping.listen = options.authority;
    keeping.path = directory;
    keeping.lease = std::chrono::seconds(2);

    int result = 0;
    cluster::member mine(context.get_executor(), options);
    actors::type_options type;
    type.idle_after = std::chrono::seconds(10);
    mine.here().add<bank::account>(type);
    const auto ended = [&](const std::exception_ptr& thrown) {
        if (!thrown)
            return;
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& problem) {
            std::cerr << "bank-node: " << problem.what() << std::endl;
            result = 1;
        }
        context.stop();
    };
    if (!directory.empty())
        asio::co_spawn(context, keep(context.get_executor(), keeping), ended);
    asio::co_spawn(context, serve(mine), ended);
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code ec, int) {
        if (!ec)
            asio::co_spawn(context, leave(mine), [&](const std::exception_ptr& thrown) {
                ended(thrown);
                context.stop();
            });
    });
    context.run();
    return result;
}
