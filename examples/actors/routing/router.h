// A router: an actor that takes parcels in, remembers them, and hands them on to the next on their way.
//
// Ways go from lesser keys to greater ones, so that routers which wait for each other never do so in a
// circle.
#ifndef ROUTING_ROUTER_H
#define ROUTING_ROUTER_H

#include "cluster/life.h"

#include <squall/actors/identity.h>
#include <squall/actors/persistent.h>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

namespace routing {

namespace actors = squall::actors;
namespace asio = boost::asio;

struct parcel {
    std::uint64_t id = 0;
    std::vector<std::uint32_t> way;  // routers, ascending
    std::uint32_t hop = 0;           // which of them is to have it next
};

struct router_state {
    std::map<std::uint64_t, std::uint32_t> taken;  // how often, by parcel
};

enum class event : std::uint8_t { sent, received };

class router {
    BOOST_DESCRIBE_CLASS(router, (), (request, post, look, move_to), (), ())

public:
    static constexpr std::string_view type_name = "router";
    using observer = std::function<void(event what, const parcel& which)>;

    router(actors::context& self, std::shared_ptr<cluster::watcher> watched, observer told);
    asio::awaitable<void> activate();

    // Returns when the parcel is at the end of its way: how many routers it has been to from here on.
    asio::awaitable<std::uint32_t> request(parcel which);
    // Hands it on one way.
    asio::awaitable<void> post(parcel which);
    router_state look();
    void move_to(const actors::node_address& where);

private:
    // Remembers it, in the store, before it goes on. Whether it goes on.
    asio::awaitable<bool> take_in(parcel& which);
    actors::ref<router> next_of(const parcel& which);

    actors::context& self_;
    cluster::life life_;
    observer told_;
    actors::persistent<router_state> state_;
};

}  // namespace routing

#endif  // ROUTING_ROUTER_H
