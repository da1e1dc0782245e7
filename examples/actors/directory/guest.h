// A guest: an actor with nothing to do but to be somewhere, and to remember how often it was asked.
#ifndef DIRECTORY_GUEST_H
#define DIRECTORY_GUEST_H

#include "cluster/life.h"

#include <squall/actors/identity.h>
#include <squall/actors/persistent.h>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace directory {

namespace actors = squall::actors;
namespace asio = boost::asio;

struct guest_state {
    std::uint64_t visits = 0;
};

// Where a guest was, at which epoch, and how often it had been visited by then.
struct sight {
    actors::node_address where;
    std::uint64_t epoch = 0;
    std::uint64_t visits = 0;
};

class guest {
    BOOST_DESCRIBE_CLASS(guest, (), (visit, look, leave, move_to), (), ())

public:
    static constexpr std::string_view type_name = "guest";

    guest(actors::context& self, std::shared_ptr<cluster::watcher> watched)
        : self_(self),
          life_(self, std::move(watched)),
          state_(self) {}
    asio::awaitable<void> activate() {
        life_.begins();
        co_return;
    }

    // The visit is in the store when this returns.
    asio::awaitable<sight> visit() {
        const cluster::turn now(life_);
        ++state_->visits;
        co_await state_.save();
        co_return seen();
    }
    sight look() {
        const cluster::turn now(life_);
        return seen();
    }
    void leave() {
        const cluster::turn now(life_);
        self_.deactivate();
    }
    void move_to(const actors::node_address& where) {
        const cluster::turn now(life_);
        self_.migrate(where);
    }

private:
    sight seen() const { return {self_.node().address, self_.epoch(), state_->visits}; }

    actors::context& self_;
    cluster::life life_;
    actors::persistent<guest_state> state_;
};

}  // namespace directory

#endif  // DIRECTORY_GUEST_H
