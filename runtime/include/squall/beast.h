// What Boost.Beast wants to know of squall::stream: how a WebSocket session ends its connection, how a
// time-out closes it, and where its random bits come from. To be included, before any header of Beast's
// WebSocket, by each source file that puts a beast::websocket::stream on a squall::stream; HTTP needs no more
// than <squall/stream.h>.
//
//     beast::websocket::stream<squall::stream> ws(std::move(accepted));
//     beast::websocket::stream<asio::ssl::stream<squall::stream>> wss(...);   // and
//     <boost/beast/websocket/ssl.hpp>
//
// Not for the simulator: beast::websocket::stream_base::timeout. Its timer is an asio::steady_timer, which
// never expires there; a squall::timer that closes the stream does the same in both worlds. With
// BOOST_BEAST_SEPARATE_COMPILATION the random bits stay Beast's own: a run then behaves the same for a seed,
// but the masked bytes, and with them the digest, differ.
#ifndef SQUALL_BEAST_H
#define SQUALL_BEAST_H

#include <squall/library_random.h>
#include <squall/stream.h>

// A WebSocket client draws its key and its masks from a generator that Beast seeds once a program, and that
// no caller reaches. Its one accessor gets another name here, and the name a function that asks the simulator
// first.
#ifdef BOOST_BEAST_WEBSOCKET_DETAIL_PRNG_HPP
#error "squall: include <squall/beast.h> before any header of Boost.Beast's WebSocket"
#endif
#include <boost/beast/core/detail/config.hpp>
#ifdef BOOST_BEAST_HEADER_ONLY
#define make_prng make_unseeded_prng
#include <boost/beast/websocket/detail/prng.hpp>
#undef make_prng

namespace boost::beast::websocket::detail {

template <bool Secure>
std::uint32_t generate_for_squall() {
    std::uint64_t bits = 0;
    return squall::detail::draw_library_bits(bits) ? static_cast<std::uint32_t>(bits >> 32)
                                                   : make_unseeded_prng(Secure)();
}

inline generator make_prng(bool secure) {
    return secure ? &generate_for_squall<true> : &generate_for_squall<false>;
}

}  // namespace boost::beast::websocket::detail
#endif

#include <boost/asio/compose.hpp>
#include <boost/asio/coroutine.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/stream_traits.hpp>

#include <array>
#include <cstdint>
#include <memory>

namespace squall {

// Found by argument-dependent lookup, as those for TCP sockets are in Beast.
inline void beast_close_socket(stream& s) {
    s.close();
}

namespace detail {

// As Beast's own for TCP sockets: the server ends first and both read on to the peer's end, so that nothing
// the peer has sent turns the end into a reset.
class teardown_operation : asio::coroutine {
public:
    teardown_operation(stream& s, boost::beast::role_type role) : stream_(&s), role_(role) {}

    template <class Self>
    void operator()(Self& self, error_code ec = {}, std::size_t = 0) {
#include <boost/asio/yield.hpp>
        reenter(*this) {
            self.reset_cancellation_state(asio::enable_total_cancellation());
            if (role_ == boost::beast::role_type::server)
                end_sending();
            while (!ec)
                yield stream_->async_read_some(asio::buffer(*ignored_), std::move(self));
            if (ec == asio::error::eof) {
                ec = {};
                if (role_ == boost::beast::role_type::client)
                    end_sending();
                stream_->close();
            }
            self.complete(ec);
        }
#include <boost/asio/unyield.hpp>
    }

private:
    // Where that fails, reading does too, and tells why.
    void end_sending() {
        error_code ignored;
        stream_->shutdown_send(ignored);
    }

    stream* stream_;
    boost::beast::role_type role_;
    std::unique_ptr<std::array<char, 2048>> ignored_ = std::make_unique<std::array<char, 2048>>();
};

}  // namespace detail

// Signature void(error_code).
template <class TeardownHandler>
void async_teardown(boost::beast::role_type role, stream& s, TeardownHandler&& handler) {
    asio::async_compose<TeardownHandler, void(error_code)>(detail::teardown_operation(s, role), handler, s);
}

}  // namespace squall

#endif  // SQUALL_BEAST_H
