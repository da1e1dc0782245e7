// The HTTP server: one thread, connections as coroutines, a deadline on everything a client does.
#include "http_api.h"
#include "point.h"

#include <squall/injection.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <thread>
#include <utility>

#include <pthread.h>

namespace squall::injection {
namespace {

namespace beast = boost::beast;
using boost::system::error_code;
using tcp = boost::asio::ip::tcp;

constexpr std::size_t header_limit = std::size_t{8} * 1024;
constexpr int connections_at_once = 64;

// Threads take over the mask of who makes them: the program's signals are no business of the server's thread.
class all_signals_blocked {
public:
    all_signals_blocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~all_signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    all_signals_blocked(const all_signals_blocked&) = delete;
    all_signals_blocked& operator=(const all_signals_blocked&) = delete;

private:
    sigset_t before_{};
};

// Errors in `ec`, no exceptions.
auto token(error_code& ec) {
    return asio::redirect_error(asio::use_awaitable, ec);
}

void complain(const std::exception& error) {
    std::fprintf(stderr, "squall: fault injection over HTTP: %s\n", error.what());
}

// One connection more while it lives.
class counted {
public:
    explicit counted(int& number) : number_(&number) { ++number; }
    counted(counted&& other) noexcept : number_(std::exchange(other.number_, nullptr)) {}
    counted& operator=(counted&&) = delete;
    ~counted() {
        if (number_ != nullptr)
            --*number_;
    }

private:
    int* number_;
};

class connection {
public:
    connection(tcp::socket socket, std::chrono::milliseconds patience, counted number)
        : stream_(std::move(socket)),
          patience_(patience),
          number_(std::move(number)) {}

    asio::awaitable<void> serve() {
        while (co_await serve_one()) {
        }
        error_code ec;
        ec = stream_.socket().shutdown(tcp::socket::shutdown_send, ec);
        // A socket closed with bytes unread resets the connection, and the answer may be lost with it.
        stream_.expires_after(patience_);
        std::array<char, 4096> rest;
        while (!ec)
            co_await stream_.async_read_some(asio::buffer(rest), token(ec));
    }

private:
    // False: the connection is to be closed.
    asio::awaitable<bool> serve_one() {
        http::request_parser<http::string_body> parser;
        parser.header_limit(header_limit);
        parser.body_limit(body_limit);
        stream_.expires_after(patience_);
        error_code ec;
        co_await http::async_read_header(stream_, buffer_, parser, token(ec));
        if (!ec && parser.get()[http::field::expect] == "100-continue" && !parser.is_done()) {
            http::response<http::empty_body> go_on(http::status::continue_, parser.get().version());
            co_await http::async_write(stream_, go_on, token(ec));
        }
        if (!ec)
            co_await http::async_read(stream_, buffer_, parser, token(ec));

        http_response response;
        if (!ec)
            response = answer(parser.get());
        else if (ec == http::error::body_limit)
            response = error_answer(http::status::payload_too_large, "the body is longer than 64 KiB");
        else if (ec == http::error::header_limit)
            response = error_answer(http::status::request_header_fields_too_large, "the header is too long");
        else if (ec.category() == make_error_code(http::error::end_of_stream).category() &&
                 ec != http::error::end_of_stream && ec != http::error::partial_message)
            response = error_answer(http::status::bad_request, "not HTTP: " + ec.message());
        else
            co_return false;  // the client went away, or took too long

        response.version(11);
        response.set(http::field::cache_control, "no-store");
        response.keep_alive(!ec && parser.get().keep_alive());
        response.prepare_payload();
        if (!ec && parser.get().method() == http::verb::head)
            response.body().clear();  // and the length stays
        stream_.expires_after(patience_);
        error_code write_ec;
        co_await http::async_write(stream_, response, token(write_ec));
        co_return !write_ec && response.keep_alive();
    }

    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    std::chrono::milliseconds patience_;
    counted number_;
};

asio::awaitable<void> serve(tcp::socket socket, std::chrono::milliseconds patience, counted number) {
    connection one(std::move(socket), patience, std::move(number));
    co_await one.serve();
}

}  // namespace

class http_server::service {
public:
    service(const std::string& address, std::uint16_t port, std::chrono::milliseconds patience)
        : acceptor_(context_),
          patience_(patience) {
        const tcp::endpoint endpoint(asio::ip::make_address(address), port);
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        acceptor_.bind(endpoint);
        acceptor_.listen();
        port_ = acceptor_.local_endpoint().port();
        asio::co_spawn(context_, accept(), asio::detached);
        const all_signals_blocked blocked;
        thread_ = std::thread([this] { run(); });
    }
    ~service() {
        context_.stop();
        thread_.join();
    }
    service(const service&) = delete;
    service& operator=(const service&) = delete;

    std::uint16_t port() const noexcept { return port_; }

private:
    void run() noexcept {
        const detail::own_business ours;
        pthread_setname_np(pthread_self(), "squall-http");
        for (;;) {
            try {
                context_.run();
                return;
            } catch (const std::exception& error) {  // no memory for a connection: the others go on
                complain(error);
            }
        }
    }

    asio::awaitable<void> accept() {
        asio::steady_timer pause(context_);
        for (;;) {
            try {
                error_code ec;
                tcp::socket socket = co_await acceptor_.async_accept(token(ec));
                if (ec) {  // no descriptors left, most likely
                    pause.expires_after(std::chrono::milliseconds(100));
                    co_await pause.async_wait(token(ec));
                } else if (connections_ < connections_at_once) {
                    asio::co_spawn(context_, serve(std::move(socket), patience_, counted(connections_)),
                                   asio::detached);
                }
            } catch (const std::exception& error) {
                complain(error);
            }
        }
    }

    int connections_ = 0;  // outlives the coroutines that count it
    asio::io_context context_{1};
    tcp::acceptor acceptor_;
    std::chrono::milliseconds patience_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

http_server::http_server(const std::string& address, std::uint16_t port, std::chrono::milliseconds patience)
    : service_(std::make_unique<service>(address, port, patience)),
      port_(service_->port()) {}

http_server::~http_server() = default;

void http_server::stop() noexcept {
    service_.reset();
}

}  // namespace squall::injection
