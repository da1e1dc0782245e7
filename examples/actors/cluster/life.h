// The life of an actor, told to whoever watches: it begins, has turns, and ends.
//
//   explicit account(actors::context& self, std::shared_ptr<cluster::watcher> watched) : life_(self, watched)
//   {} asio::awaitable<void> activate() { life_.begins(); co_return; } void deposit(std::int64_t amount) {
//   const cluster::turn now(life_); ... }
//
// In production nobody watches, and two assertions are all there is to it.
#ifndef EXAMPLE_CLUSTER_LIFE_H
#define EXAMPLE_CLUSTER_LIFE_H

#include <squall/actors/context.h>
#include <squall/assertions.h>

#include <memory>
#include <utility>

namespace cluster {

namespace actors = squall::actors;
namespace asio = boost::asio;

class watcher {
public:
    virtual ~watcher() = default;
    virtual void begins(const actors::context& actor) = 0;
    virtual void turn(const actors::context& actor) = 0;
    // Also of an activation that a crash takes away.
    virtual void ends(const actors::context& actor) = 0;
};

// A member of an actor that is not re-entrant.
class life {
public:
    life(const actors::context& actor, std::shared_ptr<watcher> watched)
        : actor_(actor),
          watched_(std::move(watched)) {}
    ~life() {
        if (active_ && watched_)
            watched_->ends(actor_);
    }
    life(const life&) = delete;
    life& operator=(const life&) = delete;

    // At the end of activate().
    void begins() {
        active_ = true;
        if (watched_)
            watched_->begins(actor_);
    }

private:
    friend class turn;
    const actors::context& actor_;
    std::shared_ptr<watcher> watched_;
    bool active_ = false;
    bool inside_ = false;
};

// Stands at the beginning of each method.
class turn {
public:
    explicit turn(life& of) : of_(of) {
        SQUALL_ALWAYS(of.active_, "an actor is active before its first message");
        SQUALL_ALWAYS(!of.inside_, "an actor handles one message at a time");
        if (of.watched_)
            of.watched_->turn(of.actor_);
        of.inside_ = true;
    }
    ~turn() { of_.inside_ = false; }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

private:
    life& of_;
};

}  // namespace cluster

#endif  // EXAMPLE_CLUSTER_LIFE_H
