// The HTTP endpoints, over real connections.
#include "injection_client.h"
#include "injection_support.h"

#include <squall/buggify.h>
#include <squall/wait_point.h>

#include <boost/system/system_error.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace http = boost::beast::http;
namespace injection = squall::injection;
using http::verb;
using testing::HasSubstr;
using testing::StartsWith;

bool flush() {
    return SQUALL_BUGGIFY_NAMED("http: flush");
}
bool hold() {
    return SQUALL_WAIT_POINT("http: hold & co");
}

class InjectionHttp : public injection_fixture {
public:
    http_reply ask(verb how, const std::string& target, const std::string& body = {}) {
        return ::ask(server.port(), how, target, body);
    }
    injection::http_server server;
};

// Fails if overrides do not arrive, or are not told as they are.
TEST_F(InjectionHttp, OverridesAreReadReplacedAddedAndRemoved) {
    EXPECT_EQ(ask(verb::get, "/overrides").json(), (nlohmann::json{{"overrides", ""}}));
    EXPECT_FALSE(flush());
    const http_reply put = ask(verb::put, "/overrides", "http: flush=fire\n");
    EXPECT_EQ(put.status, 200u);
    EXPECT_EQ(put.message[http::field::content_type], "application/json");
    EXPECT_EQ(put.json().at("overrides"), "\"http: flush\"=fire");
    EXPECT_TRUE(flush());
    EXPECT_EQ(ask(verb::post, "/overrides", "name:\"http: hold & co\"=off").json().at("overrides"),
              "\"http: flush\"=fire; name:\"http: hold & co\"=off");
    const std::string all = ask(verb::get, "/overrides").json().at("overrides");
    EXPECT_EQ(all, injection::overrides());
    EXPECT_EQ(ask(verb::put, "/overrides", all).json().at("overrides"), all);
    EXPECT_EQ(ask(verb::delete_, "/overrides").json().at("overrides"), "");
    EXPECT_FALSE(flush());
    EXPECT_FALSE(squall::gate_open());
}

// Fails if a mistake is taken, is told without its place, or takes a part of the text with it.
TEST_F(InjectionHttp, AMistakeIsToldWithItsPositionAndChangesNothing) {
    injection::set_overrides("http: flush=fire");
    for (const verb how : {verb::put, verb::post}) {
        const http_reply grammar = ask(how, "/overrides", "http: flush=off; http: flush=explode");
        EXPECT_EQ(grammar.status, 400u);
        EXPECT_EQ(grammar.json().at("position"), 29);
        EXPECT_THAT(std::string(grammar.json().at("error")), HasSubstr("expected off, fire"));
        const http_reply unmatched = ask(how, "/overrides", "http: flush=off; name:no such=fire");
        EXPECT_EQ(unmatched.status, 400u);
        EXPECT_EQ(unmatched.json().at("position"), 17);
        EXPECT_THAT(std::string(unmatched.json().at("error")), HasSubstr("no such"));
        const http_reply bytes = ask(how, "/overrides", std::string("\xff\"\0=fire", 8));
        EXPECT_EQ(bytes.status, 400u);
        EXPECT_TRUE(bytes.json().contains("error"));
    }
    EXPECT_EQ(injection::overrides(), "\"http: flush\"=fire");
}

// Fails if sites, counts or their reset are not what the program has.
TEST_F(InjectionHttp, SitesAndCounts) {
    EXPECT_EQ(ask(verb::get, "/sites").json().at("sites").size(), injection::sites().size());
    injection::set_overrides("http: flush=1*fire->off");
    flush();
    flush();
    const auto sites = ask(verb::get, "/sites?match=name%3Ahttp:+flush").json().at("sites");
    ASSERT_EQ(sites.size(), 1u);
    EXPECT_EQ(sites[0].at("name"), "http: flush");
    EXPECT_EQ(sites[0].at("function"), "flush");
    EXPECT_EQ(sites[0].at("kind"), "buggify");
    EXPECT_EQ(sites[0].at("override"), "\"http: flush\"=1*fire->off");
    EXPECT_EQ(std::string(sites[0].at("id")).size(), 16u);
    const auto counts = ask(verb::get, "/counts").json().at("counts");
    ASSERT_EQ(counts.size(), 1u);
    EXPECT_EQ(counts[0].at("evaluated"), 2);
    EXPECT_EQ(counts[0].at("acted"), 1);
    EXPECT_EQ(counts[0].at("waiting"), 0);
    EXPECT_EQ(ask(verb::get, "/counts?match=nothing").json().at("counts").size(), 0u);
    EXPECT_EQ(ask(verb::get, "/sites?match=" + std::string(counts[0].at("id"))).json().at("sites").size(),
              1u);
    EXPECT_EQ(ask(verb::post, "/reset").status, 200u);
    EXPECT_EQ(ask(verb::get, "/counts").json().at("counts")[0].at("evaluated"), 0);
    injection::clear_overrides();
    EXPECT_EQ(ask(verb::get, "/sites?match=http:*").json().at("sites")[0].at("override"), nullptr);
}

// Fails if a parked thread is not shown, or cannot be let go from outside.
TEST_F(InjectionHttp, WhoeverWaitsIsShownAndReleased) {
    EXPECT_EQ(ask(verb::get, "/waiting").json().at("waiting").size(), 0u);
    ask(verb::put, "/overrides", "http: hold*=wait");
    std::thread parked(hold);
    ASSERT_TRUE(eventually([] { return injection::waiting() == 1; }));
    const auto waiting = ask(verb::get, "/waiting").json().at("waiting");
    ASSERT_EQ(waiting.size(), 1u);
    EXPECT_EQ(waiting[0].at("name"), "http: hold & co");
    EXPECT_EQ(waiting[0].at("waiting"), 1);
    EXPECT_EQ(ask(verb::post, "/release?match=http: flush").status, 400u);  // a blank is no part of a target
    EXPECT_EQ(ask(verb::post, "/release?match=http:%20flush").json().at("released"), 0);
    EXPECT_EQ(ask(verb::post, "/release?match=http:%20hold%20%26%20co").json().at("released"), 1);
    parked.join();
    std::thread another(hold);
    ASSERT_TRUE(eventually([] { return injection::waiting() == 1; }));
    EXPECT_EQ(ask(verb::post, "/release").json().at("released"), 1);
    another.join();
}

// Fails if what no endpoint answers gets an answer other than its error.
TEST_F(InjectionHttp, OtherRequestsAreRefused) {
    EXPECT_EQ(ask(verb::get, "/nothing").status, 404u);
    EXPECT_TRUE(ask(verb::get, "/nothing").json().contains("error"));
    EXPECT_EQ(ask(verb::get, "/overrides/").status, 404u);
    const http_reply method = ask(verb::patch, "/overrides");
    EXPECT_EQ(method.status, 405u);
    EXPECT_EQ(method.message[http::field::allow], "GET, HEAD, PUT, POST, DELETE");
    EXPECT_EQ(ask(verb::get, "/release").status, 405u);
    EXPECT_EQ(ask(verb::get, "/release").message[http::field::allow], "POST");
    // A parameter that would be overlooked stands for all sites.
    EXPECT_EQ(ask(verb::post, "/release?mtach=x").status, 400u);
    EXPECT_EQ(ask(verb::get, "/overrides?match=x").status, 400u);
    EXPECT_EQ(ask(verb::get, "/sites?match=%zz").status, 400u);
    EXPECT_EQ(ask(verb::get, "/sites?match=%4").status, 400u);
    const http_reply pattern = ask(verb::get, "/sites?match=a%3Doff;b");
    EXPECT_EQ(pattern.status, 400u);
    EXPECT_TRUE(pattern.json().contains("position"));
}

// Fails if a web page that its user's browser shows could switch faults.
TEST_F(InjectionHttp, WebPagesAreRefused) {
    http::request<http::string_body> request(verb::put, "/overrides", 11);
    request.set(http::field::origin, "http://example.org");
    request.body() = "http: flush=fire";
    request.prepare_payload();
    EXPECT_EQ(http_client(server.port()).ask(request).status, 403u);
    EXPECT_EQ(injection::overrides(), "");
}

// Fails if the help is missing, or HEAD has a body or another length than GET.
TEST_F(InjectionHttp, HelpAndHead) {
    const http_reply help = ask(verb::get, "/");
    EXPECT_EQ(help.status, 200u);
    EXPECT_THAT(help.body, HasSubstr("PUT    /overrides"));
    http_client client(server.port());
    const http_reply head = client.ask(verb::head, "/");
    EXPECT_EQ(head.status, 200u);
    EXPECT_EQ(head.message[http::field::content_length], std::to_string(help.body.size()));
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(client.ask(verb::get, "/").body, help.body);  // the connection is where it should be
    EXPECT_EQ(client.ask(verb::head, "/reset").status, 405u);
}

// Fails if a body beyond the limit is taken, or its sender does not learn why not.
TEST_F(InjectionHttp, ABodyBeyondTheLimitIsRefused) {
    EXPECT_EQ(ask(verb::put, "/overrides", std::string(std::size_t{65536}, ' ')).status, 200u);
    const http_reply refused = ask(verb::put, "/overrides", std::string(std::size_t{65537}, ' '));
    EXPECT_EQ(refused.status, 413u);
    EXPECT_TRUE(refused.json().contains("error"));
    // More than the sockets hold: its sender is still writing when the answer comes.
    EXPECT_EQ(ask(verb::put, "/overrides", std::string(std::size_t{16} << 20, ' ')).status, 413u);
    http_client chunked(server.port());
    chunked.send("PUT /overrides HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n11000\r\n" +
                 std::string(0x11000, ' ') + "\r\n0\r\n\r\n");
    EXPECT_EQ(chunked.receive().status, 413u);
}

// Fails if bytes that are no request crash the server, or are answered as if they were one.
TEST_F(InjectionHttp, WhatIsNotHttpIsRefused) {
    for (const std::string bytes :
         {"\r\n\r\n", "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
          "PUT /overrides HTTP/1.1\r\nContent-Length: x\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n"}) {
        http_client client(server.port());
        client.send(bytes);
        EXPECT_EQ(client.receive().status, 400u) << bytes;
        EXPECT_EQ(client.receive_rest(), "");
    }
    http_client client(server.port());
    client.send("GET / HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n");
    EXPECT_EQ(client.receive().status, 431u);
}

// Fails if a connection serves one request only, or requests sent together are mixed up.
TEST_F(InjectionHttp, AConnectionServesManyRequests) {
    http_client client(server.port());
    for (int i = 0; i < 50; ++i)
        ASSERT_EQ(client.ask(verb::get, "/overrides").status, 200u);
    client.send(
        "PUT /overrides HTTP/1.1\r\nHost: x\r\nContent-Length: 16\r\n\r\nhttp: flush=fire"
        "DELETE /overrides HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.receive().json().at("overrides"), "\"http: flush\"=fire");
    EXPECT_EQ(client.receive().json().at("overrides"), "");
    EXPECT_EQ(client.receive_rest(), "");
    http_client old(server.port());
    old.send("GET /overrides HTTP/1.0\r\n\r\n");
    EXPECT_THAT(old.receive_rest(), StartsWith("HTTP/1.1 200"));
}

// Fails if a client that asks first whether it may send its body is left waiting.
TEST_F(InjectionHttp, ExpectContinue) {
    http_client client(server.port());
    client.send("PUT /overrides HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 16\r\n\r\n");
    EXPECT_EQ(client.receive().status, 100u);
    client.send("http: flush=fire");
    EXPECT_EQ(client.receive().status, 200u);
    EXPECT_TRUE(flush());
    http_client too_long(server.port());
    too_long.send(
        "PUT /overrides HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 65537\r\n\r\n");
    EXPECT_EQ(too_long.receive().status, 413u);
}

// Fails if clients that stop in the middle keep others from being served, or are kept for ever.
TEST(InjectionHttpServer, AStuckClientBlocksNobody) {
    injection::http_server server("127.0.0.1", 0, std::chrono::milliseconds(1000));
    std::vector<std::unique_ptr<http_client>> stuck;
    stuck.reserve(20);
    for (int i = 0; i < 20; ++i) {
        stuck.push_back(std::make_unique<http_client>(server.port()));
        stuck.back()->send(i % 2 == 0 ? "GET /overr"
                                      : "PUT /overrides HTTP/1.1\r\nContent-Length: 5\r\n\r\n12");
    }
    EXPECT_EQ(ask(server.port(), verb::get, "/overrides").status, 200u);
    for (auto& client : stuck)
        EXPECT_EQ(client->receive_rest(), "");  // the server ends it
    EXPECT_EQ(ask(server.port(), verb::get, "/overrides").status, 200u);
}

// Fails if a client that goes away before its answer takes the process (SIGPIPE) or the server with it.
TEST_F(InjectionHttp, AClientMayGoAwayBeforeItsAnswer) {
    for (int i = 0; i < 50; ++i) {
        http_client client(server.port());
        for (int n = 0; n < 20; ++n)
            client.send("GET /sites HTTP/1.1\r\nHost: x\r\n\r\n");
        client.reset();
    }
    EXPECT_EQ(ask(verb::get, "/overrides").status, 200u);
}

// Fails if more clients than are served at once make the server stop, or if it goes on without limit.
TEST_F(InjectionHttp, TooManyConnectionsAreClosed) {
    std::vector<std::unique_ptr<http_client>> open;
    open.reserve(80);
    for (int i = 0; i < 80; ++i)
        open.push_back(std::make_unique<http_client>(server.port()));
    EXPECT_EQ(open.front()->ask(verb::get, "/").status, 200u);
    EXPECT_EQ(open.back()->receive_rest(), "");
    open.clear();
    EXPECT_TRUE(eventually([&] {
        try {
            return ask(verb::get, "/").status == 200u;
        } catch (const boost::system::system_error&) {
            return false;
        }
    }));
}

// Fails if eight clients at once get anything but their answers.
TEST_F(InjectionHttp, ManyClientsAtOnce) {
    std::vector<std::thread> clients;
    clients.reserve(8);
    for (int i = 0; i < 8; ++i)
        clients.emplace_back([&] {
            http_client client(server.port());
            for (int n = 0; n < 50; ++n) {
                EXPECT_EQ(client.ask(verb::put, "/overrides", "http: flush=50%fire").status, 200u);
                flush();
                EXPECT_EQ(client.ask(verb::get, "/counts").status, 200u);
            }
        });
    for (std::thread& client : clients)
        client.join();
}

// Fails if a stopped server still listens, or an open connection keeps it from stopping.
TEST(InjectionHttpServer, StopsWithConnectionsOpen) {
    injection::http_server server;
    const std::uint16_t port = server.port();
    EXPECT_NE(port, 0);
    http_client idle(port);
    http_client halfway(port);
    halfway.send("GET /");
    server.stop();
    server.stop();
    EXPECT_EQ(idle.receive_rest(), "");
    EXPECT_EQ(halfway.receive_rest(), "");
    EXPECT_THROW(http_client{port}, boost::system::system_error);
    const injection::http_server again("127.0.0.1", port);
    EXPECT_EQ(again.port(), port);
}

// Fails if an address that cannot be had is passed over, or the server listens on all of them.
TEST(InjectionHttpServer, ListensWhereItIsToldOrSaysThatItCannot) {
    const injection::http_server server;
    EXPECT_THROW(injection::http_server("127.0.0.1", server.port()), boost::system::system_error);
    EXPECT_THROW(injection::http_server("nowhere", 0), boost::system::system_error);
    EXPECT_THROW(http_client(server.port(), "127.0.0.2"), boost::system::system_error);
    const injection::http_server other("127.0.0.2", 0);
    EXPECT_EQ(http_client(other.port(), "127.0.0.2").ask(verb::get, "/").status, 200u);
}

}  // namespace
