// The processes of a cluster: members, which have actors or only call them, and the authority, which keeps
// the directory and the states for all. The same for real and in a simulation.
#ifndef EXAMPLE_CLUSTER_MEMBER_H
#define EXAMPLE_CLUSTER_MEMBER_H

#include <squall/actors/authority.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cluster {

namespace actors = squall::actors;
namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> pause(const asio::any_io_executor& executor, std::chrono::nanoseconds time);

struct member_options {
    asio::ip::tcp::endpoint authority;
    // Where its node listens; without it, it calls actors and has none.
    std::optional<asio::ip::tcp::endpoint> listen;
    int max_forwards = 2;
};

class member {
public:
    member(const asio::any_io_executor& executor, const member_options& options);
    // Until the authority has let it in, for as long as that takes.
    asio::awaitable<void> start();
    actors::node& here() { return here_; }
    actors::directory& places() { return *places_; }

private:
    actors::node services_;  // for the calls to the authority
    std::shared_ptr<actors::directory> places_;
    actors::node here_;
};

struct authority_options {
    asio::ip::tcp::endpoint listen;
    std::string path = "states";  // directory of the states
    std::chrono::nanoseconds lease = 1s;
    // What stands before the directory and the store; without them nothing does.
    std::function<std::shared_ptr<actors::directory>(std::shared_ptr<actors::directory>)> before_directory;
    std::function<std::shared_ptr<actors::state_store>(std::shared_ptr<actors::state_store>)> before_store;
};

// Serves until its disk fails; what stands on that then only another start can tell. Throws what the disk and
// node::start() throw.
asio::awaitable<void> run_authority(asio::any_io_executor executor, authority_options options);

}  // namespace cluster

#endif  // EXAMPLE_CLUSTER_MEMBER_H
