// A client of the injection server, for tests.
#ifndef SQUALL_TESTS_INJECTION_CLIENT_H
#define SQUALL_TESTS_INJECTION_CLIENT_H

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/verb.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <string>

struct http_reply {
    unsigned status = 0;
    std::string body;
    boost::beast::http::response<boost::beast::http::string_body> message;
    nlohmann::json json() const { return nlohmann::json::parse(body); }
};

// One connection to the loopback port. Throws boost::system::system_error.
class http_client {
public:
    explicit http_client(std::uint16_t port, const std::string& address = "127.0.0.1");
    ~http_client();
    http_client(const http_client&) = delete;
    http_client& operator=(const http_client&) = delete;

    http_reply ask(boost::beast::http::verb verb, const std::string& target, const std::string& body = {});
    http_reply ask(const boost::beast::http::request<boost::beast::http::string_body>& request);
    // Bytes as they are.
    void send(const std::string& bytes);
    http_reply receive();
    // All up to the end of the connection, however it ends.
    std::string receive_rest();
    // The connection ends with a reset.
    void reset();

private:
    struct state;
    std::unique_ptr<state> state_;
};

// The reply to one request on a connection of its own.
http_reply ask(std::uint16_t port, boost::beast::http::verb verb, const std::string& target,
               const std::string& body = {});

#endif  // SQUALL_TESTS_INJECTION_CLIENT_H
