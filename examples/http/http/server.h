// A server of notes: PUT and GET /notes/NAME over HTTP 1.1, kept in memory.
//
// A note has a version, which its writer counts and sends along (header "Version"). A PUT that is not newer
// than what is there changes nothing: a late copy of an earlier request does no harm.
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "http/names.h"

#include <boost/asio/awaitable.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace notes {

namespace http = boost::beast::http;

class server : public std::enable_shared_from_this<server> {
public:
    // Listens and serves for ever; throws boost::system::system_error where it cannot listen.
    asio::awaitable<void> run(endpoint at);

private:
    struct note {
        std::uint64_t version = 0;
        std::string text;
    };
    using request = http::request<http::string_body>;
    using response = http::response<http::string_body>;

    asio::awaitable<void> serve(stream connection);
    response answer(const request& ask);

    std::map<std::string, note, std::less<>> notes_;
};

}  // namespace notes

#endif  // HTTP_SERVER_H
