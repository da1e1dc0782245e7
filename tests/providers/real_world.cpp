#include "real_world.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <future>
#include <stdexcept>

#include <unistd.h>

namespace squall::contract {
namespace {

// Far beyond what any case takes, on a busy machine and under sanitizers too.
constexpr std::chrono::seconds patience(30);

class real_world : public contract_world {
public:
    // Each process of this program and of others that run beside it has its own address, so that ports never
    // clash.
    asio::ip::address address(int process) override {
        auto pid = static_cast<unsigned>(::getpid());
        return asio::ip::address_v4(0x7f000000u | ((pid % 0xfffe + 1) << 8) |
                                    (static_cast<unsigned>(process) + 1));
    }
    std::string directory() override { return directory_.path(); }
    bool is_simulated() const override { return false; }

protected:
    static void report(const std::exception_ptr& failure) {
        try {
            if (failure)
                std::rethrow_exception(failure);
        } catch (const std::exception& e) {
            ADD_FAILURE() << "the case threw: " << e.what();
        }
    }

private:
    scratch_directory directory_;
};

class io_context_world : public real_world {
public:
    asio::any_io_executor executor(int) override { return context_.get_executor(); }

    void run(asio::awaitable<void> body) override {
        bool done = false;
        asio::co_spawn(executor(0), std::move(body), [&done](const std::exception_ptr& failure) {
            report(failure);
            done = true;
        });
        auto deadline = std::chrono::steady_clock::now() + patience;
        while (!done && context_.run_one_until(deadline) != 0) {
        }
        if (!done)
            ADD_FAILURE() << "the case does not end";
    }

protected:
    asio::io_context context_{1};
};

class strand_world final : public io_context_world {
public:
    ~strand_world() override { strand_ = nullptr; }
    asio::any_io_executor executor(int) override { return strand_; }

private:
    asio::any_io_executor strand_ = asio::make_strand(context_);
};

class thread_pool_world final : public real_world {
public:
    ~thread_pool_world() override { end(); }
    asio::any_io_executor executor(int) override { return pool_.get_executor(); }

    void run(asio::awaitable<void> body) override {
        std::promise<void> done;
        asio::co_spawn(pool_, std::move(body), [&done](const std::exception_ptr& failure) {
            report(failure);
            done.set_value();
        });
        if (done.get_future().wait_for(patience) != std::future_status::ready) {
            ADD_FAILURE() << "the case does not end";
            std::abort();
        }
        end();
    }

private:
    void end() {
        pool_.stop();
        pool_.join();
    }

    // One thread: cases use several handles without a strand. More threads: threads_test.cpp.
    asio::thread_pool pool_{1};
};

}  // namespace

scratch_directory::scratch_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "squall-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        throw std::runtime_error("no scratch directory " + name);
    path_ = name;
}

scratch_directory::~scratch_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::vector<world_kind> real_worlds() {
    return {
        {"io_context", [] { return std::make_unique<io_context_world>(); }},
        {"strand", [] { return std::make_unique<strand_world>(); }},
        {"thread_pool", [] { return std::make_unique<thread_pool_world>(); }},
    };
}

SQUALL_INSTANTIATE_CONTRACT(real, real_worlds());

}  // namespace squall::contract
