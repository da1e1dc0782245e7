// Boost.Beast over simulated streams: HTTP and WebSocket, with nothing wrong and with everything wrong that
// keeps a connection up.
#include <squall/beast.h>

#include "support.h"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

namespace squall {
namespace {

using namespace testing_support;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

// All that a hostile seed brings, but for what ends a connection or changes its bytes.
faults harsh(std::uint64_t seed) {
    faults f = draw_faults(seed, profile::hostile);
    f.network.close_connection = f.network.connect_refused = f.network.connect_hangs = f.network.flip_bit = 0;
    return f;
}

const std::string big = pattern(300'000);  // several windows of 64 KiB

// Answers with the request's body; /chunks with chunks of it, /end by ending the connection.
asio::awaitable<void> serve_http(stream peer) {
    beast::flat_buffer buffer;
    for (;;) {
        http::request<http::string_body> ask;
        const auto [error, n] = co_await http::async_read(peer, buffer, ask, as_result);
        if (error) {
            EXPECT_EQ(error, http::error::end_of_stream);
            break;
        }
        http::response<http::string_body> answer(http::status::ok, ask.version());
        answer.keep_alive(ask.keep_alive());
        if (ask.target() == "/chunks") {
            http::response<http::empty_body> head(http::status::ok, ask.version());
            head.chunked(true);
            http::response_serializer<http::empty_body> serializer(head);
            co_await http::async_write_header(peer, serializer, asio::use_awaitable);
            for (std::size_t at = 0; at < ask.body().size(); at += 7000) {
                const auto piece = asio::buffer(ask.body()) + at;
                co_await asio::async_write(peer, http::make_chunk(asio::buffer(piece, 7000)),
                                           asio::use_awaitable);
            }
            co_await asio::async_write(peer, http::make_chunk_last(), asio::use_awaitable);
            continue;
        }
        answer.body() = std::move(ask.body());
        answer.prepare_payload();
        co_await http::async_write(peer, answer, asio::use_awaitable);
        if (!answer.keep_alive())
            break;
    }
    error_code ignored;
    peer.shutdown_send(ignored);
    char byte;
    co_await peer.async_read_some(asio::buffer(&byte, 1), as_result);
}

http::request<http::string_body> request_for(const char* target, std::string body, bool last = false) {
    http::request<http::string_body> ask(http::verb::post, target, 11);
    ask.set(http::field::host, "b");
    ask.keep_alive(!last);
    ask.body() = std::move(body);
    ask.prepare_payload();
    return ask;
}

// One connection, four requests; the digest of the run.
std::uint64_t http_conversation(const faults& chosen, std::uint64_t seed) {
    small_world w(chosen, seed);
    int answered = 0;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            beast::flat_buffer buffer;
            for (const auto& body : {std::string("hello"), std::string(), big}) {
                auto ask = request_for("/echo", body);
                co_await http::async_write(out, ask, asio::use_awaitable);
                http::response<http::string_body> answer;
                co_await http::async_read(out, buffer, answer, asio::use_awaitable);
                EXPECT_EQ(answer.result(), http::status::ok);
                EXPECT_TRUE(answer.keep_alive());
                EXPECT_TRUE(answer.body() == body) << answer.body().size();
                ++answered;
            }
            auto ask = request_for("/chunks", big);
            co_await http::async_write(out, ask, asio::use_awaitable);
            http::response_parser<http::string_body> parser;
            int chunks = 0;
            auto on_chunk = [&](std::uint64_t, beast::string_view, error_code&) { ++chunks; };
            parser.on_chunk_header(on_chunk);
            co_await http::async_read(out, buffer, parser, asio::use_awaitable);
            EXPECT_TRUE(parser.chunked());
            EXPECT_EQ(chunks, 44) << "43 and the last, empty one";
            EXPECT_TRUE(parser.get().body() == big);
            ++answered;

            ask = request_for("/echo", "bye", true);
            co_await http::async_write(out, ask, asio::use_awaitable);
            http::response<http::string_body> answer;
            co_await http::async_read(out, buffer, answer, asio::use_awaitable);
            EXPECT_FALSE(answer.keep_alive());
            ++answered;
            const auto [error, n] = co_await http::async_read(out, buffer, answer = {}, as_result);
            EXPECT_EQ(error, http::error::end_of_stream);
        },
        serve_http);
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_EQ(answered, 5);
    return w.world.digest();
}

// Fails if Beast's HTTP finds something missing in a stream, or a body longer than the window does not get
// through.
TEST(Beast, HttpKeepsAConnectionAlive) {
    http_conversation({}, 1);
}

// Fails if a short transfer, a clog or a late task breaks a message, or a seed's bytes or times are not its
// own.
TEST(Beast, HttpLivesThroughFaultsAndASeedRepeats) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const auto digest = http_conversation(harsh(seed), seed);
        EXPECT_EQ(digest, http_conversation(harsh(seed), seed)) << "seed " << seed;
        EXPECT_NE(digest, http_conversation(harsh(seed), seed + 1000)) << "seed " << seed;
    }
}

// Fails if an HTTP client waits for ever, or believes half an answer, when its connection is cut.
TEST(Beast, HttpSeesACutConnection) {
    faults f;
    f.network.close_connection = 0.2;
    const std::string body = pattern(2000);  // one or two writes each way
    int whole = 0;
    int cut = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        small_world w(f, seed);
        converse(
            w,
            [&](stream out) -> asio::awaitable<void> {
                auto ask = request_for("/echo", body);
                co_await http::async_write(out, ask, as_result);
                beast::flat_buffer buffer;
                http::response<http::string_body> answer;
                const auto [error, m] = co_await http::async_read(out, buffer, answer, as_result);
                if (!error) {
                    EXPECT_TRUE(answer.body() == body);
                }
                (error ? cut : whole) += 1;
            },
            [](stream peer) -> asio::awaitable<void> {
                beast::flat_buffer buffer;
                http::request<http::string_body> ask;
                const auto [error, n] = co_await http::async_read(peer, buffer, ask, as_result);
                if (error)
                    co_return;
                http::response<http::string_body> answer(http::status::ok, 11, ask.body());
                answer.prepare_payload();
                co_await http::async_write(peer, answer, as_result);
                char byte;
                co_await peer.async_read_some(asio::buffer(&byte, 1), as_result);
            });
        EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    }
    EXPECT_EQ(whole + cut, 40) << "each had an outcome";
    EXPECT_GT(whole, 0);
    EXPECT_GT(cut, 0);
}

asio::awaitable<void> serve_websocket(stream peer, error_code& end, std::string& reason) {
    websocket::stream<stream> ws(std::move(peer));
    co_await ws.async_accept(asio::use_awaitable);
    for (;;) {
        beast::flat_buffer message;
        const auto [error, n] = co_await ws.async_read(message, as_result);
        if (error) {
            end = error;
            reason = ws.reason().reason.c_str();
            co_return;
        }
        ws.text(ws.got_text());
        co_await ws.async_write(message.data(), asio::use_awaitable);
    }
}

std::uint64_t websocket_conversation(const faults& chosen, std::uint64_t seed) {
    small_world w(chosen, seed);
    error_code server_end;
    std::string reason;
    bool closed = false;
    int pongs = 0;
    std::string pong_payload;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            websocket::stream<stream> ws(std::move(out));
            ws.control_callback([&](websocket::frame_type kind, beast::string_view payload) {
                if (kind == websocket::frame_type::pong) {
                    ++pongs;
                    pong_payload = std::string(payload);
                }
            });
            co_await ws.async_handshake("b", "/chat", asio::use_awaitable);
            beast::flat_buffer answer;
            ws.text(true);
            co_await ws.async_write(asio::buffer(std::string_view("text")), asio::use_awaitable);
            co_await ws.async_ping("are you there", asio::use_awaitable);
            co_await ws.async_read(answer, asio::use_awaitable);
            EXPECT_TRUE(ws.got_text());
            EXPECT_EQ(beast::buffers_to_string(answer.data()), "text");

            ws.binary(true);
            ws.auto_fragment(true);
            answer.clear();
            // Beside each other: neither side's window holds all of it.
            asio::co_spawn(
                w.a.executor(),
                [&]() -> asio::awaitable<void> {
                    co_await ws.async_write(asio::buffer(big), asio::use_awaitable);
                },
                rethrow{});
            co_await ws.async_read(answer, asio::use_awaitable);
            EXPECT_FALSE(ws.got_text());
            EXPECT_TRUE(beast::buffers_to_string(answer.data()) == big);

            answer.clear();
            for (int i = 0; i < 5; ++i)  // one message in five frames
                co_await ws.async_write_some(i == 4, asio::buffer(big.data() + i * 1000, 1000),
                                             asio::use_awaitable);
            co_await ws.async_read(answer, asio::use_awaitable);
            EXPECT_TRUE(beast::buffers_to_string(answer.data()) == big.substr(0, 5000));

            const auto [error] = co_await ws.async_close({websocket::close_code::normal, "done"}, as_result);
            EXPECT_FALSE(error) << error.message();
            EXPECT_FALSE(ws.next_layer().is_open());
            closed = true;
        },
        [&](stream in) { return serve_websocket(std::move(in), server_end, reason); });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_TRUE(closed);
    EXPECT_EQ(server_end, websocket::error::closed);
    EXPECT_EQ(reason, "done");
    EXPECT_EQ(pongs, 1);
    EXPECT_EQ(pong_payload, "are you there");
    return w.world.digest();
}

// Fails if a WebSocket session finds something missing in a stream, or does not come to its orderly end.
TEST(Beast, WebSocketEchoesAndCloses) {
    websocket_conversation({}, 1);
}

// Fails if faults break a session, or a mask or a key is drawn from anything but the seed.
TEST(Beast, WebSocketLivesThroughFaultsAndASeedRepeats) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const auto digest = websocket_conversation(harsh(seed), seed);
        EXPECT_EQ(digest, websocket_conversation(harsh(seed), seed)) << "seed " << seed;
        EXPECT_NE(digest, websocket_conversation(harsh(seed), seed + 1000)) << "seed " << seed;
    }
}

// Fails if a session whose peer has crashed does not learn of it.
TEST(Beast, WebSocketSeesACrash) {
    small_world w;
    error_code end;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            websocket::stream<stream> ws(std::move(out));
            co_await ws.async_handshake("b", "/", asio::use_awaitable);
            beast::flat_buffer answer;
            end = std::get<0>(co_await ws.async_read(answer, as_result));
        },
        [](stream in) -> asio::awaitable<void> {
            websocket::stream<stream> ws(std::move(in));
            co_await ws.async_accept(asio::use_awaitable);
            beast::flat_buffer message;
            co_await ws.async_read(message, as_result);
        });
    w.at(1s, [&] { w.b.crash(); });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_EQ(end, asio::error::connection_reset);
}

}  // namespace
}  // namespace squall
