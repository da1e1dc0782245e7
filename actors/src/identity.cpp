#include <squall/actors/identity.h>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace squall::actors {

std::string to_string(const actor_id& id) {
    std::string text = id.type + '/';
    for (const char c : id.key) {
        if (c >= ' ' && c <= '~' && c != '\\')
            text += c;
        else
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return text;
}

node_address::node_address(const asio::ip::tcp::endpoint& where) : port(where.port()) {
    const auto take = [this](const auto& bytes) { ip.assign(bytes.begin(), bytes.end()); };
    if (where.address().is_v4())
        take(where.address().to_v4().to_bytes());
    else
        take(where.address().to_v6().to_bytes());
}

asio::ip::tcp::endpoint node_address::endpoint() const {
    asio::ip::address_v4::bytes_type four{};
    asio::ip::address_v6::bytes_type sixteen{};
    if (ip.size() == four.size()) {
        std::copy(ip.begin(), ip.end(), four.begin());
        return {asio::ip::address_v4(four), port};
    }
    if (ip.size() != sixteen.size())
        throw std::invalid_argument("an address of neither 4 nor 16 bytes");
    std::copy(ip.begin(), ip.end(), sixteen.begin());
    return {asio::ip::address_v6(sixteen), port};
}

std::string to_string(const node_id& id) {
    const auto where = id.address.endpoint();
    return fmt::format("{}:{}#{}", where.address().to_string(), where.port(), id.incarnation);
}

}  // namespace squall::actors
