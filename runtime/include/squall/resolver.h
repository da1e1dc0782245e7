// Names into addresses; the system's resolver, or the names of the simulated processes.
#ifndef SQUALL_RESOLVER_H
#define SQUALL_RESOLVER_H

#include <squall/provider.h>

#include <utility>

namespace squall {

// Move-only; several look-ups may be under way. Destroying it aborts them.
class resolver {
public:
    using executor_type = asio::any_io_executor;
    using endpoint_type = endpoint;
    using results_type = resolver_results;

    explicit resolver(executor_type executor)
        : executor_(std::move(executor)),
          backend_(provider_of(executor_).make_resolver(executor_)) {}

    executor_type get_executor() const { return executor_; }

    // Signature void(error_code, results_type): at least one endpoint, or an error: host_not_found,
    // service_not_found, or host_not_found_try_again, which may be otherwise the next time. The host is a
    // name or a numeric address, empty for the loopback address; the service a name or a port number, empty
    // for port 0.
    template <class Token = asio::default_completion_token_t<executor_type>>
    auto async_resolve(std::string host, std::string service, Token&& token = {}) {
        return detail::initiate<Token, void(error_code, results_type), resolve_operation, results>(
            executor_, token,
            [this, host = std::move(host), service = std::move(service)](resolve_operation* op) {
                backend_->resolve(host, service, op);
            });
    }

    void cancel() { backend_->cancel(); }

private:
    struct results {
        std::tuple<error_code, results_type> operator()(resolve_operation& op) const {
            return {op.ec, op.ec ? results_type() : std::move(op.results)};  // decided, then aborted
        }
    };

    executor_type executor_;
    std::unique_ptr<resolver_backend> backend_;
};

}  // namespace squall

#endif  // SQUALL_RESOLVER_H
