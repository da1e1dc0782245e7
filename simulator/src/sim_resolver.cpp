#include "sim_resolver.h"

#include "hop.h"
#include "message_latency.h"
#include "sim_provider.h"
#include "under_way.h"
#include "world_state.h"

#include <boost/asio/error.hpp>

#include <charconv>
#include <optional>

namespace squall::simulator {
namespace {

constexpr std::uint64_t resolve_stream = stream_key("squall.resolve");

// A number, or one of the few names that a program is likely to ask for.
std::optional<std::uint16_t> port_of(std::string_view service) {
    std::uint16_t port = 0;
    if (service.empty())
        return port;
    const auto [end, error] = std::from_chars(service.data(), service.data() + service.size(), port);
    if (error == std::errc() && end == service.data() + service.size())
        return port;
    if (service == "domain")
        return std::uint16_t{53};
    if (service == "http")
        return std::uint16_t{80};
    if (service == "https")
        return std::uint16_t{443};
    return std::nullopt;
}

class sim_resolver final : public resolver_backend {
public:
    sim_resolver(boot& owner, asio::any_io_executor foreign) : boot_(owner), foreign_(std::move(foreign)) {}
    ~sim_resolver() override { sim_resolver::cancel(); }

    void resolve(const std::string& host, const std::string& service, resolve_operation* op) override {
        op = via(foreign_, op);
        if (!boot_.alive()) {
            op->abandon();
            return;
        }
        world_state& world = boot_.world;
        std::uint64_t when = world.now;
        op->ec = look_up(host, service, op->results, when);
        complete_cancellable(boot_, op, when);
        under_way_.add(boot_, op);
    }

    void cancel() override { under_way_.cancel(boot_); }

private:
    // What comes of it, and in `when` the time at which it does.
    error_code look_up(const std::string& host, const std::string& service, resolver_results& results,
                       std::uint64_t& when) {
        const auto port = port_of(service);
        if (!port)
            return asio::error::service_not_found;
        std::vector<endpoint> found;
        error_code no_number;
        const auto number = asio::ip::make_address(host, no_number);
        if (!no_number)
            found.emplace_back(number, *port);
        else if (host.empty() || host == "localhost")
            found.emplace_back(asio::ip::address_v4::loopback(), *port);
        else if (const error_code ec = ask(host, *port, found, when))
            return ec;
        results = resolver_results::create(found.begin(), found.end(), host, service);
        return {};
    }

    // Asks a name server, which is no process of the world but stands in everybody's zone: there and back, at
    // the latency of a message each way.
    error_code ask(const std::string& host, std::uint16_t port, std::vector<endpoint>& found,
                   std::uint64_t& when) {
        world_state& world = boot_.world;
        process_state& mine = boot_.process;
        const network_faults& f = world.in_force().network;
        const std::uint64_t stream = stream_key(mine.stream, resolve_stream);
        const std::uint64_t index = mine.look_ups++;
        const std::uint64_t mixed = mix_stream(world.options.seed, stream_key(stream, latency_stream));
        const latency_law& law = world.network.latencies().over(distance::zone);
        for (const std::uint64_t message : {index * 2, index * 2 + 1})  // there, and back
            when += law.of(latency_bits(mixed, message), world.options.seed, stream, message);
        if (f.resolve_slow > 0 && world.strikes("slow-resolve", stream, index, f.resolve_slow, mine.number))
            when += fault_time(world, stream, index, f.resolve_slow_time);
        if (f.resolve_try_again > 0 &&
            world.strikes("resolve-try-again", stream, index, f.resolve_try_again, mine.number))
            return asio::error::host_not_found_try_again;
        for (const process_state& p : world.processes) {
            const bool of_group = p.name.size() > host.size() + 1 &&
                                  p.name.compare(0, host.size(), host) == 0 && p.name[host.size()] == '/';
            if (p.name == host || of_group)
                found.emplace_back(p.address, port);
        }
        return found.empty() ? error_code(asio::error::host_not_found) : error_code();
    }

    boot& boot_;
    asio::any_io_executor foreign_;
    under_way under_way_;
};

}  // namespace

std::unique_ptr<resolver_backend> make_sim_resolver(boot& owner, const asio::any_io_executor& executor) {
    return std::make_unique<sim_resolver>(owner, foreign_part(executor));
}

}  // namespace squall::simulator
