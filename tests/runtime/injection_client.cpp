// A client of the injection server, by Beast.
#include "injection_client.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <array>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

struct http_client::state {
    asio::io_context context;
    tcp::socket socket{context};
    boost::beast::flat_buffer buffer;
    bool head = false;
};

http_client::http_client(std::uint16_t port, const std::string& address) : state_(std::make_unique<state>()) {
    state_->socket.connect({asio::ip::make_address(address), port});
}

http_client::~http_client() = default;

http_reply http_client::ask(http::verb verb, const std::string& target, const std::string& body) {
    http::request<http::string_body> request(verb, target, 11);
    request.set(http::field::host, "localhost");
    request.body() = body;
    request.prepare_payload();
    return ask(request);
}

http_reply http_client::ask(const http::request<http::string_body>& request) {
    state_->head = request.method() == http::verb::head;
    http::write(state_->socket, request);
    return receive();
}

void http_client::send(const std::string& bytes) {
    asio::write(state_->socket, asio::buffer(bytes));
}

http_reply http_client::receive() {
    http::response_parser<http::string_body> parser;
    parser.body_limit(64u << 20);
    parser.skip(state_->head);
    http::read(state_->socket, state_->buffer, parser);
    http_reply reply;
    reply.message = parser.release();
    reply.status = reply.message.result_int();
    reply.body = reply.message.body();
    return reply;
}

std::string http_client::receive_rest() {
    std::string all;
    std::array<char, 4096> part{};
    boost::system::error_code ec;
    while (!ec) {
        const std::size_t size = state_->socket.read_some(asio::buffer(part), ec);
        all.append(part.data(), size);
    }
    return all;
}

void http_client::reset() {
    state_->socket.set_option(asio::socket_base::linger(true, 0));
    state_->socket.close();
}

http_reply ask(std::uint16_t port, http::verb verb, const std::string& target, const std::string& body) {
    return http_client(port).ask(verb, target, body);
}
