// Names looked up by the system's resolver.
#ifndef SQUALL_PROVIDERS_REAL_RESOLVER_H
#define SQUALL_PROVIDERS_REAL_RESOLVER_H

#include <squall/provider.h>

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <vector>

namespace squall::real {

class resolver final : public resolver_backend {
public:
    explicit resolver(const asio::any_io_executor& executor) : resolver_(executor) {}
    ~resolver() override { resolver::cancel(); }

    void resolve(const std::string& host, const std::string& service, resolve_operation* op) override;
    void cancel() override;

    // Asio cannot cancel one look-up among several: an aborted operation leaves it, and nobody waits for what
    // comes of it.
    struct look_up {
        resolve_operation* op;
        asio::any_io_executor executor;

        look_up(resolve_operation* started, const asio::any_io_executor& its_executor)
            : op(started),
              executor(its_executor) {}
        look_up(const look_up&) = delete;
        look_up& operator=(const look_up&) = delete;
        // Not ended, not aborted: its context is gone.
        ~look_up();

        resolve_operation* release();
        void abort();
    };

private:
    asio::ip::tcp::resolver resolver_;
    std::vector<std::weak_ptr<look_up>> under_way_;
};

}  // namespace squall::real

#endif  // SQUALL_PROVIDERS_REAL_RESOLVER_H
