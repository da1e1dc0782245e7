// A client of the notes: one connection, made when it is needed, and each request tried a few times.
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "http/names.h"

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace notes {

namespace http = boost::beast::http;

// Requests one at a time.
class client {
public:
    client(asio::any_io_executor executor, std::string host, std::string service)
        : executor_(std::move(executor)),
          host_(std::move(host)),
          service_(std::move(service)) {}

    // Whoever writes a note counts its versions, from 1. After an error the note may be written or not. A
    // newer version that is there already is operation_aborted.
    asio::awaitable<error_code> put(std::string name, std::uint64_t version, std::string text);

    struct note {
        std::uint64_t version;
        std::string text;
    };
    asio::awaitable<error_code> get(std::string name, std::optional<note>& found);

private:
    using request = http::request<http::string_body>;
    using response = http::response<http::string_body>;

    asio::awaitable<error_code> call(request& ask, response& reply);
    asio::awaitable<error_code> attempt(request& ask, response& reply);
    asio::awaitable<error_code> connect();

    asio::any_io_executor executor_;
    std::string host_;
    std::string service_;
    std::optional<stream> connection_;
    boost::beast::flat_buffer buffer_;
};

}  // namespace notes

#endif  // HTTP_CLIENT_H
