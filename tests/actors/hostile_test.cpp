// What comes over a connection and is not from a node like this one: typed errors, closed connections, and a
// node that goes on.
#include "../../actors/src/frames.h"
#include "support.h"

#include <squall/actors/memory_directory.h>
#include <squall/stream.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <optional>

namespace squall::actors {
namespace {

using namespace testing_support;
using namespace detail;

constexpr std::size_t longest = 64 * 1024;
constexpr auto values = asio::as_tuple(asio::deferred);
const asio::ip::tcp::endpoint where_it_listens(asio::ip::address_v4::loopback(), 7000);

struct tally_state {
    std::int64_t total = 0;
};
struct tally_peak {
    std::int64_t most = 0;
};

// Counts in two states: of the first the total, of the second the largest number.
class tally {
    BOOST_DESCRIBE_CLASS(tally, (), (add, add_unsaved, total, rest, leave), (), ())

public:
    static constexpr std::string_view type_name = "tally";
    explicit tally(context& self) : self_(self), total_(self, "total"), peak_(self, "peak") {}
    asio::awaitable<std::int64_t> add(std::int64_t number) {
        total_->total += number;
        co_await total_.save();
        if (number > peak_->most) {
            peak_->most = number;
            co_await peak_.save();
        }
        co_return total_->total;
    }
    std::int64_t add_unsaved(std::int64_t number) { return total_->total += number; }
    std::vector<std::int64_t> total() { return {total_->total, peak_->most}; }
    asio::awaitable<void> rest(std::chrono::milliseconds time) { co_await pause(self_.executor(), time); }
    void leave() { self_.deactivate(); }

private:
    context& self_;
    persistent<tally_state> total_;
    persistent<tally_peak> peak_;
};

node_options listening() {
    node_options how;
    how.listen = where_it_listens;
    how.store = std::make_shared<memory_store>();
    return how;
}

// Who speaks to a node by hand.
class peer {
public:
    explicit peer(const asio::any_io_executor& io) : stream_(io) {}

    asio::awaitable<void> connect() { co_await stream_.async_connect(where_it_listens, asio::deferred); }
    asio::awaitable<void> greet(const std::string& cluster = "squall",
                                std::uint32_t version = protocol_version,
                                std::uint32_t magic = protocol_magic) {
        co_await connect();
        hello_frame hello;
        hello.cluster = cluster;
        hello.version = version;
        hello.magic = magic;
        co_await send(frame_kind::hello, hello);
        const auto answer = co_await read();
        EXPECT_TRUE(answer);
    }
    asio::awaitable<void> write(std::string bytes) {
        // It may be cut off in the middle.
        [[maybe_unused]] const auto outcome =
            co_await asio::async_write(stream_, asio::buffer(bytes), values);
    }
    template <class Frame>
    asio::awaitable<void> send(frame_kind kind, Frame frame) {
        std::string bytes;
        append_frame(bytes, kind, frame, 8 * 1024 * 1024);
        co_await write(std::move(bytes));
    }
    // The next frame's body; none: the connection was closed.
    asio::awaitable<std::optional<std::string>> read() {
        for (;;) {
            std::string_view rest = received_;
            std::string_view body;
            if (take_frame(rest, body, longest)) {
                std::string taken(body);
                received_.erase(0, received_.size() - rest.size());
                co_return taken;
            }
            std::array<char, 4096> some{};
            auto [ec, size] = co_await stream_.async_read_some(asio::buffer(some), values);
            if (ec)
                co_return std::nullopt;
            received_.append(some.data(), size);
        }
    }
    // The answer to a request; pongs are none.
    asio::awaitable<std::optional<reply_frame>> answer() {
        const auto body = co_await read();
        std::optional<reply_frame> reply;
        if (body) {
            EXPECT_EQ(static_cast<frame_kind>(body->front()), frame_kind::reply);
            reply = decode<reply_frame>(std::string_view(*body).substr(1));
        }
        co_return reply;
    }
    // The code that the node gives for a request.
    asio::awaitable<error_code> ask(request_frame request) {
        co_await send(frame_kind::request, request);
        const auto reply = co_await answer();
        EXPECT_TRUE(reply);
        typed_call<tally, &tally::add> call;
        if (reply)
            call.decode_outcome(reply->outcome);
        co_return call.failure();
    }

private:
    squall::stream stream_;
    std::string received_;
};

request_frame adding(std::int64_t number, std::uint64_t ticket = 1) {
    request_frame request;
    request.ticket = ticket;
    request.caller = 77;
    request.number = ticket;
    request.type = "tally";
    request.key = "k";
    request.method = method_number("add");
    request.time_left = 10'000'000'000;
    request.arguments = encode(std::tuple<std::int64_t>(number));
    return request;
}

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

TEST(Delivery, AMessageThatComesAgainIsHandledOnce) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        peer p(io);
        co_await p.greet();
        request_frame request = adding(5);
        request.at_least_once = true;
        error_code code = co_await p.ask(request);
        EXPECT_EQ(code, error_code());
        // Over another connection, as after a break: the same answer.
        peer q(io);
        co_await q.greet();
        request.ticket = 9;
        co_await q.send(frame_kind::request, request);
        const auto reply = co_await q.answer();
        EXPECT_TRUE(reply);
        typed_call<tally, &tally::add> call;
        if (reply)
            call.decode_outcome(reply->outcome);
        EXPECT_EQ(call.take(), 5);
        EXPECT_EQ(here.count().duplicates, 1u);
        // To the next activation: its state knows of it, its answer is gone.
        auto leaves = here.get<tally>("k").call<&tally::leave>();
        co_await std::move(leaves);
        request.ticket = 10;
        code = co_await q.ask(request);
        EXPECT_EQ(code, error::result_lost);
        // An older one, whose answer the caller says that it has.
        request = adding(5, 11);
        request.at_least_once = true;
        request.oldest = 11;
        code = co_await q.ask(request);
        EXPECT_EQ(code, error_code());
        request.ticket = 12;
        request.number = 3;
        code = co_await q.ask(request);
        EXPECT_EQ(code, error::result_lost);
        auto asked = here.get<tally>("k").call<&tally::total>();
        const std::vector<std::int64_t> total = co_await std::move(asked);
        EXPECT_THAT(total, testing::ElementsAre(10, 5));
        co_await here.stop();
    });
}

TEST(Delivery, WhatWasNotSavedIsHandledAgainByTheNextActivation) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        peer p(io);
        co_await p.greet();
        request_frame request = adding(5);
        request.method = method_number("add_unsaved");
        request.at_least_once = true;
        for (std::uint64_t ticket = 1; ticket <= 2; ++ticket) {
            request.ticket = ticket;
            const error_code code = co_await p.ask(request);
            EXPECT_EQ(code, error_code());
        }
        EXPECT_EQ(here.count().duplicates, 1u);
        auto leaves = here.get<tally>("k").call<&tally::leave>();
        co_await std::move(leaves);
        request.ticket = 3;
        const error_code code = co_await p.ask(request);
        EXPECT_EQ(code, error_code());
        EXPECT_EQ(here.count().duplicates, 1u);
        co_await here.stop();
    });
}

TEST(Delivery, EachOfSeveralStatesRemembersWhatItWasSavedWith) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        peer p(io);
        co_await p.greet();
        // 7 goes into both states, 3 into the first only.
        std::uint64_t ticket = 0;
        for (const std::int64_t number : {7, 3}) {
            request_frame request = adding(number, ++ticket);
            request.at_least_once = true;
            const error_code code = co_await p.ask(request);
            EXPECT_EQ(code, error_code());
        }
        auto leaves = here.get<tally>("k").call<&tally::leave>();
        co_await std::move(leaves);
        for (const std::int64_t number : {7, 3}) {
            request_frame request = adding(number, ++ticket);
            request.number = ticket - 2;
            request.at_least_once = true;
            const error_code code = co_await p.ask(request);
            EXPECT_EQ(code, error::result_lost);
        }
        auto asked = here.get<tally>("k").call<&tally::total>();
        const std::vector<std::int64_t> total = co_await std::move(asked);
        EXPECT_THAT(total, testing::ElementsAre(10, 7));
        co_await here.stop();
    });
}

TEST(Delivery, ALaterSaveForgetsNoEarlierMessage) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        peer p(io);
        co_await p.greet();
        for (std::uint64_t ticket = 1; ticket <= 3; ++ticket) {
            request_frame request = adding(-1, ticket);  // below the peak: into one state alone
            request.at_least_once = true;
            const error_code code = co_await p.ask(request);
            EXPECT_EQ(code, error_code());
        }
        auto leaves = here.get<tally>("k").call<&tally::leave>();
        co_await std::move(leaves);
        for (std::uint64_t number = 1; number <= 3; ++number) {
            request_frame request = adding(-1, number + 3);
            request.number = number;
            request.at_least_once = true;
            const error_code code = co_await p.ask(request);
            EXPECT_EQ(code, error::result_lost) << number;
        }
        co_await here.stop();
    });
}

TEST(Delivery, AMessageThatIsUnderWayIsNotBegunAgain) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        request_frame slow = adding(1);
        slow.method = method_number("rest");
        slow.arguments = encode(std::tuple(std::chrono::milliseconds(1000)));
        slow.at_least_once = true;
        auto first = std::make_unique<peer>(io);
        co_await first->greet();
        co_await first->send(frame_kind::request, slow);
        co_await pause(io, 100ms);
        first.reset();  // its connection breaks
        peer second(io);
        co_await second.greet();
        const auto begun = steady_clock::now(io);
        co_await second.send(frame_kind::request, slow);
        const auto reply = co_await second.answer();
        EXPECT_TRUE(reply);
        EXPECT_LT(steady_clock::now(io) - begun, 950ms);  // of the first one's second there was less left
        EXPECT_EQ(here.count().turns, 1u);
        EXPECT_EQ(here.count().duplicates, 1u);
        co_await here.stop();
    });
}

TEST(Delivery, AnActorThatRemembersTooMuchTakesNoMore) {
    in_world([](asio::any_io_executor io) -> asio::awaitable<void> {
        node here(io, listening());
        here.add<tally>();
        co_await here.start();
        peer p(io);
        co_await p.greet();
        error_code code;
        // A caller that never says which answers it has.
        for (std::uint64_t ticket = 1; ticket <= 1024; ++ticket) {
            request_frame request = adding(1, ticket);
            request.method = method_number("add_unsaved");
            request.at_least_once = true;
            code = co_await p.ask(request);
            EXPECT_EQ(code, error_code());
        }
        request_frame request = adding(1, 1025);
        request.at_least_once = true;
        code = co_await p.ask(request);
        EXPECT_EQ(code, error::busy);
        // It says so now.
        request.ticket = 1026;
        request.oldest = 1000;
        code = co_await p.ask(request);
        EXPECT_EQ(code, error_code());
        co_await here.stop();
    });
}

}  // namespace
}  // namespace squall::actors
