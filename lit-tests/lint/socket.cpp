// RUN: %lint %s %t
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <netdb.h>
#include <sys/epoll.h>
#include <sys/socket.h>

int a(boost::asio::any_io_executor executor) {
    boost::asio::ip::tcp::socket stream(executor);      // finds socket
    boost::asio::ip::tcp::acceptor acceptor(executor);  // finds socket
    boost::asio::ip::tcp::resolver resolver(executor);  // finds socket
    boost::asio::steady_timer timer(executor);          // finds timer
    const int one = socket(AF_INET, SOCK_STREAM, 0);    // finds socket
    return one + accept(one, nullptr, nullptr);         // finds socket
}

// What must stay silent: std::bind, addresses, and what is handed over.
int plus(int, int);
auto bound = std::bind(plus, 1, 2);
boost::asio::ip::tcp::endpoint place(boost::asio::ip::make_address("10.0.0.1"), 80);
void take(boost::asio::ip::tcp::socket stream);
void pass(boost::asio::ip::tcp::socket stream) {
    take(std::move(stream));
}
