// The provider of a program in production: the machine's own clocks, network and disks.
#ifndef SQUALL_PROVIDERS_REAL_PROVIDER_H
#define SQUALL_PROVIDERS_REAL_PROVIDER_H

#include <squall/provider.h>

#include <atomic>

namespace squall::real {

class file_pool;

// Any thread may call it; the backends that it makes are used from their executor.
class real_provider final : public provider {
public:
    explicit real_provider(asio::execution_context& context);

    std::unique_ptr<timer_backend> make_timer(const asio::any_io_executor& executor) override;
    std::unique_ptr<stream_backend> make_stream(const asio::any_io_executor& executor) override;
    std::unique_ptr<acceptor_backend> make_acceptor(const asio::any_io_executor& executor) override;
    std::unique_ptr<datagram_backend> make_datagram_socket(const asio::any_io_executor& executor) override;
    std::unique_ptr<resolver_backend> make_resolver(const asio::any_io_executor& executor) override;
    std::unique_ptr<file_backend> make_file(const asio::any_io_executor& executor) override;

    void rename(const asio::any_io_executor& executor, const std::string& from, const std::string& to,
                operation* op) override;
    void remove(const asio::any_io_executor& executor, const std::string& path, operation* op) override;
    void create_directory(const asio::any_io_executor& executor, const std::string& path,
                          operation* op) override;
    void sync_directory(const asio::any_io_executor& executor, const std::string& path,
                        operation* op) override;
    void list_directory(const asio::any_io_executor& executor, const std::string& path,
                        list_operation* op) override;

    steady_clock::time_point steady_now() override;
    wall_clock::time_point wall_now() override;
    std::uint64_t random_bits() override;

private:
    file_pool& files();

    asio::execution_context& context_;
    std::atomic<std::uint64_t> random_state_;
};

}  // namespace squall::real

#endif  // SQUALL_PROVIDERS_REAL_PROVIDER_H
