// What comes over a connection and is not from a node like this one: typed errors, closed connections, and a
// node that goes on.
#include "raw_peer.h"

#include <squall/actors/memory_directory.h>

#include <boost/asio/detached.hpp>

namespace squall::actors {
namespace {

using namespace testing_support;

TEST(Hostile, WhatIsNoFrameEndsItsConnection) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        std::string garbage = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
        std::string empty(frame_header, '\0');
        std::string huge;
        hello_frame hello;
        hello.cluster = std::string(3 * 1024 * 1024, 'x');
        append_frame(huge, frame_kind::hello, hello, 8 * 1024 * 1024);
        std::string damaged;
        append_frame(damaged, frame_kind::hello, hello_frame{}, longest);
        damaged.back() = static_cast<char>(damaged.back() ^ 1);
        std::uint64_t bad = 0;
        const std::vector<std::string> all{garbage, empty, huge, damaged};
        for (const std::string& bytes : all) {
            peer p(io);
            co_await p.connect();
            co_await p.write(bytes);
            for (;;) {  // its hello, and then nothing more
                const auto got = co_await p.read();
                if (!got)
                    break;
                EXPECT_EQ(static_cast<frame_kind>(got->front()), frame_kind::hello);
            }
            EXPECT_EQ(here.count().bad_frames, ++bad);
        }
        peer good(io);
        co_await good.greet();
        const request_frame one = adding(1);
        const error_code code = co_await good.ask(one);
        EXPECT_EQ(code, error_code());
        co_await here.stop();
    });
}

TEST(Hostile, WhoSaysNothingOrHalfAWordIsDisconnected) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        co_await here.start();
        std::string hello;
        append_frame(hello, frame_kind::hello, hello_frame{}, longest);
        for (std::size_t size = 0; size < hello.size(); size += 5) {
            peer p(io);
            co_await p.connect();
            co_await p.write(hello.substr(0, size));
            const auto begun = steady_clock::now(io);
            co_await p.read();
            const auto second = co_await p.read();
            EXPECT_FALSE(second);
            EXPECT_LT(steady_clock::now(io) - begun, 1100ms);  // connect_timeout
        }
        // And one who greets and is silent then.
        peer p(io);
        co_await p.greet();
        const auto begun = steady_clock::now(io);
        const auto nothing = co_await p.read();
        EXPECT_FALSE(nothing);
        EXPECT_LT(steady_clock::now(io) - begun, 8s);  // silence_timeout, twice, and a look
        co_await here.stop();
    });
}

TEST(Hostile, AnotherClusterOrVersionIsRefused) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        for (int which = 0; which < 3; ++which) {
            peer p(io);
            co_await p.greet(which == 0 ? "others" : "squall", protocol_version + (which == 1 ? 1 : 0),
                             protocol_magic + (which == 2 ? 1 : 0));
            const request_frame request = adding(1);
            co_await p.send(frame_kind::request, request);
            const auto nothing = co_await p.read();
            EXPECT_FALSE(nothing) << which;
        }
        EXPECT_EQ(here.count().bad_frames, 3u);
        EXPECT_EQ(here.count().messages_in, 0u);
        co_await here.stop();
    });
}

TEST(Hostile, ARequestThatMakesNoSenseIsATypedError) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        peer p(io);
        co_await p.greet();
        request_frame request = adding(1);
        request.type = "nothing";
        error_code code = co_await p.ask(request);
        EXPECT_EQ(code, error::unknown_type);
        request = adding(1);
        request.method = 12345;
        code = co_await p.ask(request);
        EXPECT_EQ(code, error::unknown_method);
        request = adding(1);
        const std::vector<std::string> arguments{"", "\x01", std::string("\x01\x02\x03", 3),
                                                 std::string(100, '\xff')};
        for (const std::string& each : arguments) {
            request.arguments = each;
            code = co_await p.ask(request);
            EXPECT_EQ(code, error::malformed);
        }
        request = adding(1);
        request.key = std::string(2000, 'k');
        code = co_await p.ask(request);
        EXPECT_EQ(code, error::too_large);
        EXPECT_EQ(here.count().activations, 0u);
        EXPECT_EQ(here.count().bad_frames, 0u);
        // The connection is as good as before.
        request = adding(1);
        code = co_await p.ask(request);
        EXPECT_EQ(code, error_code());
        co_await here.stop();
    });
}

TEST(Hostile, AFrameOutOfPlaceEndsItsConnection) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        std::uint64_t bad = 0;
        const hello_frame hello;
        const empty_frame nothing_in_it;
        hello_frame no_request;
        no_request.cluster = "squall";
        for (int which = 0; which < 4; ++which) {
            peer p(io);
            co_await p.greet();
            if (which == 0)
                co_await p.send(frame_kind::hello, hello);
            else if (which == 1)
                co_await p.send(static_cast<frame_kind>(200), nothing_in_it);
            else if (which == 2)
                co_await p.send(frame_kind::request, no_request);
            else {
                request_frame slow = adding(1);
                slow.method = method_number("rest");
                slow.arguments = encode(std::tuple(std::chrono::milliseconds(60'000)));
                co_await p.send(frame_kind::request, slow);
                co_await p.send(frame_kind::request, slow);  // the ticket twice
            }
            const auto nothing = co_await p.read();
            EXPECT_FALSE(nothing) << which;
            EXPECT_EQ(here.count().bad_frames, ++bad) << which;
        }
        co_await here.stop(100ms);
    });
}

TEST(Hostile, ACancelOfNothingIsNothing) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        const cancel_frame cancel{99};
        const reply_frame reply;
        const empty_frame nothing_in_it;
        peer p(io);
        co_await p.greet();
        co_await p.send(frame_kind::cancel, cancel);
        co_await p.send(frame_kind::reply, reply);  // to a node that asked nothing
        const auto nothing = co_await p.read();
        EXPECT_FALSE(nothing);
        peer other(io);
        co_await other.greet();
        co_await other.send(frame_kind::cancel, cancel);
        co_await other.send(frame_kind::ping, nothing_in_it);
        const auto pong = co_await other.read();
        EXPECT_TRUE(pong);
        if (pong) {
            EXPECT_EQ(static_cast<frame_kind>(pong->front()), frame_kind::pong);
        }
        co_await here.stop();
    });
}

TEST(Hostile, ATimeThatOverflowsIsALongTime) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        peer p(io);
        co_await p.greet();
        request_frame request = adding(1);
        request.time_left = ~std::uint64_t{0};
        request.forwards = ~std::uint32_t{0};
        request.oldest = ~std::uint64_t{0};
        error_code code = co_await p.ask(request);
        EXPECT_EQ(code, error_code());
        // Of a time that is over already.
        request = adding(1, 2);
        request.method = method_number("rest");
        request.arguments = encode(std::tuple(std::chrono::milliseconds(60'000)));
        request.time_left = 0;
        code = co_await p.ask(request);
        EXPECT_TRUE(code.failed());
        co_await here.stop();
    });
}

TEST(Hostile, MoreConnectionsThanAllowedAreClosed) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node_options how = listening();
        how.max_connections = 3;
        node here(io, how);
        here.add<tally>();
        co_await here.start();
        std::vector<std::unique_ptr<peer>> peers;
        for (int i = 0; i < 3; ++i) {
            peers.push_back(std::make_unique<peer>(io));
            co_await peers.back()->greet();
        }
        peer more(io);
        co_await more.connect();
        const auto nothing = co_await more.read();
        EXPECT_FALSE(nothing);
        peers.pop_back();
        co_await pause(io, 10ms);
        peer instead(io);
        co_await instead.greet();
        co_await here.stop();
    });
}

TEST(Hostile, AMemberWhoseAddressIsNoneIsRefused) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        memory_directory places(io);
        node_address none;
        none.ip = "abc";
        none.port = 1;
        const std::vector<std::string> tags;
        const error_code code = co_await code_of(places.join(none, tags));
        EXPECT_EQ(code, error::malformed);
    });
}

// A directory that tells of a member with such an address all the same.
class liar final : public directory {
public:
    explicit liar(const asio::any_io_executor& io) : kept_(io) {}
    asio::awaitable<lease> join(const node_address& address, const std::vector<std::string>& tags) override {
        return kept_.join(address, tags);
    }
    asio::awaitable<std::vector<member>> renew(const node_id& node, std::uint64_t activations) override {
        return kept_.renew(node, activations);
    }
    asio::awaitable<std::vector<member>> members() override { return kept_.members(); }
    asio::awaitable<void> leave(const node_id& node) override { return kept_.leave(node); }
    asio::awaitable<std::optional<location>> lookup(const actor_id&) override {
        location where;
        where.node.address.ip = "abc";
        where.node.incarnation = 99;
        co_return where;
    }
    asio::awaitable<location> claim(const actor_id& actor, const node_id& node) override {
        return kept_.claim(actor, node);
    }
    asio::awaitable<void> release(const actor_id& actor, const location& from) override {
        return kept_.release(actor, from);
    }

private:
    memory_directory kept_;
};

TEST(Hostile, ANodeWithoutAnAddressIsOneOutOfReach) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node_options how = listening();
        how.directory = std::make_shared<liar>(io);
        node here(io, how);
        here.add<tally>();
        co_await here.start();
        call_options soon;
        soon.timeout = 1s;
        const error_code code = co_await code_of(here.get<tally>("k").with(soon).call<&tally::add>(1));
        EXPECT_EQ(code, error::not_delivered);
        EXPECT_GT(here.count().connections_lost, 1u);  // it is tried again and again
        co_await here.stop();
    });
}

// Whoever listens where a node should, and answers each request with these bytes.
class impostor {
public:
    using answer = std::function<std::string(std::uint64_t ticket)>;

    explicit impostor(const asio::any_io_executor& io, bool greets = true)
        : executor_(io),
          listening_(io, where_it_listens),
          greets_(greets) {
        asio::co_spawn(io, listen(), asio::detached);
    }
    answer now;

private:
    asio::awaitable<void> listen() {
        for (;;) {
            squall::stream taken = co_await listening_.async_accept(asio::deferred);
            asio::co_spawn(executor_, serve(std::move(taken)), asio::detached);
        }
    }
    asio::awaitable<void> serve(squall::stream taken) {
        hello_frame hello;
        hello.cluster = "squall";
        std::string bytes;
        if (greets_)
            append_frame(bytes, frame_kind::hello, hello, longest);
        co_await asio::async_write(taken, asio::buffer(bytes), asio::deferred);
        std::string received;
        for (;;) {
            std::string_view rest = received;
            std::string_view body;
            while (take_frame(rest, body, longest)) {
                if (static_cast<frame_kind>(body.front()) != frame_kind::request)
                    continue;
                bytes = now(decode<request_frame>(body.substr(1)).ticket);
                co_await asio::async_write(taken, asio::buffer(bytes), asio::deferred);
            }
            received.erase(0, received.size() - rest.size());
            std::array<char, 4096> some{};
            auto [ec, size] = co_await taken.async_read_some(asio::buffer(some), values);
            if (ec)
                co_return;
            received.append(some.data(), size);
        }
    }

    const asio::any_io_executor executor_;
    squall::acceptor listening_;
    const bool greets_;
};

TEST(Hostile, AnswersThatMakeNoSenseAreTypedErrors) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io);
        co_await here.start();
        impostor other(io);
        const auto replying = [](std::string outcome) {
            return [outcome](std::uint64_t ticket) {
                reply_frame reply;
                reply.ticket = ticket;
                reply.outcome = outcome;
                std::string bytes;
                append_frame(bytes, frame_kind::reply, reply, longest);
                return bytes;
            };
        };
        std::string of_nobody;
        {
            encoder to(of_nobody);
            to.put(std::uint64_t{1});
            to.put(std::string_view("no.such.category"));
            to.put_signed(5);
            to.put(std::string_view("text"));
            to.finish();
        }
        std::string success_as_failure;
        encode_failure(success_as_failure, error_code(0, category()), {});
        std::string unheard_of;
        encode_failure(unheard_of, error_code(9999, category()), {});
        struct attempt {
            impostor::answer answer;
            error_code expected;
        };
        const std::vector<attempt> attempts{
            {replying(""), error::bad_result},
            {replying(std::string("\x00\xff", 2)), error::bad_result},
            {replying("\x09"), error::bad_result},
            {replying(std::string("\x02\x07", 2)), error::bad_result},  // an exception that nobody declares
            {replying(of_nobody), error::bad_result},
            {replying(success_as_failure), error::bad_result},
            {replying(unheard_of), error_code(9999, category())},
            {[&](std::uint64_t ticket) { return replying("")(ticket + 1); }, error::timed_out},
            {[](std::uint64_t) { return std::string("garbage, longer than a header"); },
             error::maybe_delivered},
            {[](std::uint64_t) { return std::string(frame_header, '\0'); }, error::maybe_delivered},
        };
        for (std::size_t i = 0; i < attempts.size(); ++i) {
            other.now = attempts[i].answer;
            call_options soon;
            soon.timeout = 1s;
            const error_code code =
                co_await code_of(here.at<tally>(where_it_listens, "k").with(soon).call<&tally::add>(1));
            EXPECT_EQ(code, attempts[i].expected) << i << ": " << code.message();
            EXPECT_FALSE(had_no_effect(code)) << i;
        }
        co_await here.stop();
    });
}

TEST(Hostile, WhatAnEarlierAttemptMayHaveDoneIsNotDenied) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io);
        co_await here.start();
        impostor other(io);
        int asked = 0;
        other.now = [&asked](std::uint64_t ticket) {
            if (++asked == 1)  // it may have been handled
                return std::string("garbage, longer than a header");
            reply_frame reply;
            reply.ticket = ticket;
            encode_failure(reply.outcome, error::unknown_type, {});
            std::string bytes;
            append_frame(bytes, frame_kind::reply, reply, longest);
            return bytes;
        };
        call_options again;
        again.mode = delivery::at_least_once;
        const error_code code =
            co_await code_of(here.at<tally>(where_it_listens, "k").with(again).call<&tally::add>(1));
        EXPECT_EQ(asked, 2);
        EXPECT_EQ(code, error::maybe_delivered);
        co_await here.stop();
    });
}

TEST(Hostile, OneWhoNeverGreetsIsOutOfReach) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io);
        co_await here.start();
        const impostor other(io, false);
        call_options soon;
        soon.timeout = 1500ms;
        const error_code code =
            co_await code_of(here.at<tally>(where_it_listens, "k").with(soon).call<&tally::add>(1));
        EXPECT_EQ(code, error::unreachable);
        EXPECT_GE(here.count().connections_lost, 1u);
        co_await here.stop();
    });
}

}  // namespace
}  // namespace squall::actors
