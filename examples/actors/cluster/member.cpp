#include "cluster/member.h"

#include <squall/actors/file_store.h>
#include <squall/actors/memory_directory.h>
#include <squall/timer.h>

#include <boost/asio/deferred.hpp>

#include <utility>

namespace cluster {
namespace {

actors::node_options node_options_of(const member_options& options, actors::node& services,
                                     std::shared_ptr<actors::directory> places) {
    actors::node_options how;
    how.listen = options.listen;
    how.hosts = options.listen.has_value();
    how.max_forwards = options.max_forwards;
    how.directory = std::move(places);
    how.store = actors::remote_store(services, options.authority);
    return how;
}

}  // namespace

asio::awaitable<void> pause(const asio::any_io_executor& executor, std::chrono::nanoseconds time) {
    squall::timer clock(executor, time);
    co_await clock.async_wait(asio::deferred);
}

member::member(const asio::any_io_executor& executor, const member_options& options)
    : services_(executor),
      places_(actors::remote_directory(services_, options.authority)),
      here_(executor, node_options_of(options, services_, places_)) {}

asio::awaitable<void> member::start() {
    co_await services_.start();
    co_await here_.start();
}

asio::awaitable<void> run_authority(asio::any_io_executor executor, authority_options options) {
    const auto file = std::make_shared<actors::file_store>(executor, options.path);
    actors::directory_options how;
    how.generation = co_await file->open();
    how.successor = how.generation > 1;
    how.lease = options.lease;
    std::shared_ptr<actors::directory> places = std::make_shared<actors::memory_directory>(executor, how);
    std::shared_ptr<actors::state_store> states = file;
    if (options.before_directory)
        places = options.before_directory(places);
    if (options.before_store)
        states = options.before_store(states);
    actors::node_options listening;
    listening.listen = options.listen;
    actors::node here(executor, listening);
    actors::serve_authority(here, places, states);
    co_await here.start();
    while (!file->failed())
        co_await pause(executor, 100ms);
}

}  // namespace cluster
