// ADDRESS:PORT on the command lines of the two programs.
#ifndef KV_ENDPOINT_OPTION_H
#define KV_ENDPOINT_OPTION_H

#include <squall/provider.h>

#include <CLI/CLI.hpp>

#include <string>

namespace kv {

// "127.0.0.1:7000" or "[::1]:7000"; throws CLI::ValidationError.
inline squall::endpoint parse_endpoint(const std::string& text) {
    const auto colon = text.rfind(':');
    std::string host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    boost::system::error_code ec;
    auto address = boost::asio::ip::make_address(host, ec);
    std::uint16_t port = 0;
    if (colon == std::string::npos || ec || !CLI::detail::lexical_cast(text.substr(colon + 1), port))
        throw CLI::ValidationError(text, "expected ADDRESS:PORT");
    return {address, port};
}

}  // namespace kv

#endif  // KV_ENDPOINT_OPTION_H
