// Finds the provider behind an executor.
#include <squall/provider.h>

#include <boost/asio/query.hpp>

#include <stdexcept>
#include <utility>

namespace squall {

asio::execution_context::id provider_service::id;

provider_service::provider_service(asio::execution_context& context)
    : provider_service(context, make_real_provider(context)) {}

provider_service::provider_service(asio::execution_context& context, std::unique_ptr<provider> chosen)
    : service(context),
      provider_(std::move(chosen)) {}

provider_service::~provider_service() = default;

// Handlers that the other services drop while the context goes down own handles, and those may still ask
// their provider; it lives until all services have shut down.
void provider_service::shutdown() {}

provider& provider_of(const asio::any_io_executor& executor) {
    return asio::use_service<provider_service>(asio::query(executor, asio::execution::context)).get();
}

namespace detail {
void refuse_to_block(const asio::any_io_executor& io) {
    if (provider_of(io).simulated())
        throw std::logic_error(
            "squall: asio::use_future in a simulation: waiting for the future would stop the thread on which "
            "everything runs; use a coroutine, a callback or asio::deferred");
}
}  // namespace detail

}  // namespace squall
