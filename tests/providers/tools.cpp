#include "tools.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_at.hpp>
#include <boost/asio/write.hpp>
#include <boost/asio/write_at.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace squall::contract {

using namespace asio::experimental::awaitable_operators;

acceptor listening(contract_world& world, int process) {
    acceptor a(world.executor(process));
    error_code ec;
    a.listen(world.address(process, 0), ec);
    if (ec)
        throw boost::system::system_error(ec, "listen");
    return a;
}

endpoint address_of(const acceptor& a) {
    error_code ec;
    endpoint at = a.local_endpoint(ec);
    if (ec)
        throw boost::system::system_error(ec, "local_endpoint");
    return at;
}

datagram_endpoint address_of(const datagram_socket& s) {
    error_code ec;
    datagram_endpoint at = s.local_endpoint(ec);
    if (ec)
        throw boost::system::system_error(ec, "local_endpoint");
    return at;
}

asio::awaitable<stream_pair> connected(contract_world& world) {
    acceptor a = listening(world);
    stream client(world.executor());
    co_await client.async_connect(address_of(a), use_awaitable);
    stream server = co_await a.async_accept(use_awaitable);
    co_return stream_pair{std::move(client), std::move(server)};
}

asio::awaitable<void> fill(stream& s) {
    std::string block(262'144, 'f');
    for (;;) {
        timer patience(s.get_executor(), milliseconds(5));
        auto done = co_await (s.async_write_some(asio::buffer(block), use_awaitable) ||
                              patience.async_wait(use_awaitable));
        if (done.index() == 1)
            co_return;
    }
}

asio::awaitable<void> sleep(contract_world& world, steady_clock::duration time) {
    timer t(world.executor(), time);
    co_await t.async_wait(use_awaitable);
}

std::string pattern(std::size_t size, std::size_t from) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        std::size_t n = from + i;
        text[i] = static_cast<char>((n * 131) ^ (n >> 8) ^ (n >> 16));
    }
    return text;
}

asio::awaitable<void> send(stream& s, std::string text) {
    co_await asio::async_write(s, asio::buffer(text), use_awaitable);
}

asio::awaitable<std::string> receive(stream& s, std::size_t size) {
    std::string text(size, '\0');
    co_await asio::async_read(s, asio::buffer(text), use_awaitable);
    co_return text;
}

asio::awaitable<std::string> receive_all(stream& s) {
    std::string all;
    std::string block(65'536, '\0');
    for (;;) {
        auto [ec, n] = co_await s.async_read_some(asio::buffer(block), as_values);
        all.append(block, 0, n);
        if (ec == asio::error::eof)
            co_return all;
        if (ec)
            throw boost::system::system_error(ec, "receive_all");
    }
}

asio::awaitable<void> make_file(contract_world& world, std::string path, std::string content) {
    file f(world.executor());
    co_await f.async_open(path, open_mode::write | open_mode::create | open_mode::truncate, use_awaitable);
    if (!content.empty())
        co_await asio::async_write_at(f, 0, asio::buffer(content), use_awaitable);
}

asio::awaitable<std::string> content_of(contract_world& world, std::string path) {
    file f(world.executor());
    co_await f.async_open(path, open_mode::read, use_awaitable);
    std::string content(co_await f.async_size(use_awaitable), '\0');
    if (!content.empty())
        co_await asio::async_read_at(f, 0, asio::buffer(content), use_awaitable);
    co_return content;
}

}  // namespace squall::contract
