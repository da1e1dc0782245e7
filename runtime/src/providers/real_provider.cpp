#include "real_provider.h"

#include "file_pool.h"
#include "real_datagram.h"
#include "real_file.h"
#include "real_resolver.h"
#include "real_stream.h"
#include "real_timer.h"

#include <squall/decisions.h>

#include <chrono>
#include <random>

namespace squall {

std::unique_ptr<provider> make_real_provider(asio::execution_context& context) {
    return std::make_unique<real::real_provider>(context);
}

namespace real {
namespace {

std::uint64_t random_seed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

template <class Clock, class TimePoint>
TimePoint now_as() {
    return TimePoint(
        std::chrono::duration_cast<typename TimePoint::duration>(Clock::now().time_since_epoch()));
}

}  // namespace

real_provider::real_provider(asio::execution_context& context)
    : context_(context),
      random_state_(random_seed()) {}

file_pool& real_provider::files() {
    return asio::use_service<file_pool>(context_);
}

std::unique_ptr<timer_backend> real_provider::make_timer(const asio::any_io_executor& executor) {
    return std::make_unique<timer>(executor);
}

std::unique_ptr<stream_backend> real_provider::make_stream(const asio::any_io_executor& executor) {
    return std::make_unique<stream>(executor);
}

std::unique_ptr<acceptor_backend> real_provider::make_acceptor(const asio::any_io_executor& executor) {
    return std::make_unique<acceptor>(executor);
}

std::unique_ptr<datagram_backend> real_provider::make_datagram_socket(const asio::any_io_executor& executor) {
    return std::make_unique<datagram_socket>(executor);
}

std::unique_ptr<resolver_backend> real_provider::make_resolver(const asio::any_io_executor& executor) {
    return std::make_unique<resolver>(executor);
}

std::unique_ptr<file_backend> real_provider::make_file(const asio::any_io_executor& executor) {
    return std::make_unique<file>(executor, files());
}

void real_provider::rename(const asio::any_io_executor& executor, const std::string& from,
                           const std::string& to, operation* op) {
    start_rename(files(), executor, from, to, op);
}

void real_provider::remove(const asio::any_io_executor& executor, const std::string& path, operation* op) {
    start_remove(files(), executor, path, op);
}

void real_provider::create_directory(const asio::any_io_executor& executor, const std::string& path,
                                     operation* op) {
    start_create_directory(files(), executor, path, op);
}

void real_provider::sync_directory(const asio::any_io_executor& executor, const std::string& path,
                                   operation* op) {
    start_sync_directory(files(), executor, path, op);
}

void real_provider::list_directory(const asio::any_io_executor& executor, const std::string& path,
                                   list_operation* op) {
    start_list_directory(files(), executor, path, op);
}

steady_clock::time_point real_provider::steady_now() {
    return now_as<std::chrono::steady_clock, steady_clock::time_point>();
}

wall_clock::time_point real_provider::wall_now() {
    return now_as<std::chrono::system_clock, wall_clock::time_point>();
}

// splitmix64 (Steele, Lea, Flood 2014): one atomic addition a draw, so that all threads share one stream.
std::uint64_t real_provider::random_bits() {
    return scramble(random_state_.fetch_add(golden_step, std::memory_order_relaxed));
}

}  // namespace real
}  // namespace squall
