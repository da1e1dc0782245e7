// What the endpoints answer; no sockets here.
#ifndef SQUALL_INJECTION_HTTP_API_H
#define SQUALL_INJECTION_HTTP_API_H

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace squall::injection {

namespace http = boost::beast::http;
using http_request = http::request<http::string_body>;
using http_response = http::response<http::string_body>;

// Bytes of a request's body.
inline constexpr std::size_t body_limit = std::size_t{64} * 1024;

// Without version and keep-alive of the connection, which its owner sets.
http_response answer(const http_request& request);
http_response error_answer(http::status status, std::string_view what,
                           std::optional<std::size_t> position = {});

}  // namespace squall::injection

#endif  // SQUALL_INJECTION_HTTP_API_H
