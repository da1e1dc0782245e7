// The example of docs/reference/workloads.md, which must be this one.
// [example]
#include <squall/generators.h>
#include <squall/operations.h>
#include <squall/simulation.h>
#include <squall/stream.h>
#include <squall/text_generators.h>
#include <squall/within.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace asio = boost::asio;
using namespace std::chrono_literals;

// One frame for requests and replies: what, of which key, and a text.
struct frame {
    char what = 0;  // 'p'ut, 'g'et, 'e'rase; of replies: 'y'es, 'n'othing there
    std::uint64_t key = 0;
    std::string text;
};
asio::awaitable<void> send(squall::stream& to, frame f) {
    struct {
        std::uint64_t what, key, size;
    } const head{static_cast<unsigned char>(f.what), f.key, f.text.size()};
    const std::array<asio::const_buffer, 2> both{asio::buffer(&head, sizeof head), asio::buffer(f.text)};
    co_await asio::async_write(to, both, asio::deferred);
}
asio::awaitable<frame> receive(squall::stream& from) {
    std::array<std::uint64_t, 3> head{};
    co_await asio::async_read(from, asio::buffer(head), asio::deferred);
    frame f{static_cast<char>(head[0]), head[1], std::string(head[2], '\0')};
    co_await asio::async_read(from, asio::buffer(f.text), asio::deferred);
    co_return f;
}

// The system under test: a server that keeps texts by number, and counts their bytes as it goes.
struct shelf {
    std::map<std::uint64_t, std::string> texts;
    std::size_t bytes = 0;
};
struct shelf_view {
    std::size_t counted, stored;
};

frame answer(shelf& s, frame request) {
    const auto found = s.texts.find(request.key);
    const bool there = found != s.texts.end();
    if (request.what == 'g')
        return {there ? 'y' : 'n', request.key, there ? found->second : ""};
    if (there) {
        s.bytes -= found->second.size();
        s.texts.erase(found);
    }
    if (request.what == 'p') {
        s.bytes += request.text.size();
        s.texts[request.key] = std::move(request.text);
    }
    return {there ? 'y' : 'n', request.key, ""};
}

asio::awaitable<void> serve(squall::process_context& self, shelf& s, squall::stream peer) {
    frame reply = answer(s, co_await receive(peer));
    std::size_t stored = 0;
    for (const auto& [key, text] : s.texts)
        stored += text.size();
    self.publish(shelf_view{s.bytes, stored});
    co_await send(peer, std::move(reply));
}

asio::awaitable<void> run_server(squall::process_context& self) {
    shelf s;
    squall::acceptor listening(self.executor());
    boost::system::error_code ec;
    listening.listen(self.endpoint(7), ec);
    for (;;) {
        squall::stream peer = co_await listening.async_accept(asio::deferred);
        asio::co_spawn(self.executor(), serve(self, s, std::move(peer)), asio::detached);
    }
}

// A client that puts, gets and erases as it likes, on numbers of its own: five hundred operations at once,
// each of which waits a second or so before its request, for as long as there are faults.
class reader_and_writer : public squall::workload {
public:
    reader_and_writer() {
        requests_.add("put", 3, [this](squall::operation_call& c) { return put(c); })
            .add("get", 4, [this](squall::operation_call& c) { return get(c); })
            .add("erase", 1, [this](squall::operation_call& c) { return erase(c); })
            .vary_weights()
            .pause(1s);
    }

    asio::awaitable<void> run(squall::workload_context& self) override {
        first_ = static_cast<std::uint64_t>(self.index()) << 32;
        co_await requests_.run_in_flight(self, 500, squall::until_chaos_ends);
    }

private:
    // Safety, at each reply: what is on the shelf is what this client once put there.
    asio::awaitable<void> get(squall::operation_call& c) {
        const std::uint64_t key = first_ + keys_(c.random);
        const auto reply = co_await squall::within(c.self, 2s, ask(c.self, 'g', key, ""));
        SQUALL_SOMETIMES(reply.timed_out(), "a request ran out of time");
        if (reply && reply->what == 'y')
            SQUALL_ALWAYS(put_[key].contains(reply->text), "a text was put where it is read", "key", key);
    }
    asio::awaitable<void> put(squall::operation_call& c) {
        const std::uint64_t key = first_ + keys_(c.random);
        const std::string text = texts_(c.random);
        put_[key].insert(text);  // whatever becomes of the request, it may take effect
        const auto reply = co_await squall::within(c.self, 2s, ask(c.self, 'p', key, text));
        SQUALL_SOMETIMES(reply && reply->what == 'y', "a text was replaced");
        SQUALL_SOMETIMES(!reply && !reply.timed_out(), "a put failed by an error");
    }
    asio::awaitable<void> erase(squall::operation_call& c) {
        const std::uint64_t key = first_ + keys_(c.random);
        const auto reply = co_await squall::within(c.self, 2s, ask(c.self, 'e', key, ""));
        SQUALL_SOMETIMES(reply && reply->what == 'y', "a text was erased");
    }

    static asio::awaitable<frame> ask(squall::process_context& self, char what, std::uint64_t key,
                                      std::string text) {
        frame request{what, key, std::move(text)};
        squall::stream server(self.executor());
        co_await server.async_connect({self.peers("server").front(), 7}, asio::deferred);
        co_await send(server, std::move(request));
        co_return co_await receive(server);
    }

    squall::operations<> requests_;
    squall::zipf_keys keys_{40};
    squall::texts texts_{4000};
    std::uint64_t first_ = 0;
    std::map<std::uint64_t, std::set<std::string>> put_;
};

squall::simulation shelf_simulation() {
    squall::simulation s("shelf");
    s.processes("server", 1, run_server)
        .workload("client", 2, [] { return std::make_unique<reader_and_writer>(); })
        .invariant("bytes are counted right",
                   [](const squall::blackboard& all) {
                       for (const auto& [server, view] : all.every<shelf_view>())
                           SQUALL_ALWAYS(view->counted == view->stored, "bytes are counted right", "server",
                                         server);
                   })
        .tune([](squall::faults& f) { f.network.flip_bit = 0; })  // frames have no checksum
        .chaos_duration(5s);
    return s;
}

TEST(Shelf, GivesBackWhatWasPut) {
    const auto report = shelf_simulation().seeds(20).run();
    EXPECT_TRUE(report.ok()) << report;
}
// [example]
