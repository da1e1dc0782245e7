// The simulated worlds: the same cases, where the deterministic simulator stands behind the handles.
#include "contract.h"

#include <squall/world.h>

#include <boost/asio/co_spawn.hpp>

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace squall::contract {
namespace {

class simulated_world final : public contract_world {
public:
    explicit simulated_world(world_options options) : world_(std::move(options)) {
        for (int i = 0; i < processes; ++i)
            processes_.push_back(&world_.add_process("process" + std::to_string(i)));
        world_.set_faults_on(true);
    }

    asio::any_io_executor executor(int process) override { return at(process).executor(); }
    asio::ip::address address(int process) override { return at(process).address(); }
    std::string directory() override { return "."; }
    bool is_simulated() const override { return true; }

    void run(asio::awaitable<void> body) override {
        bool done = false;
        asio::co_spawn(executor(0), std::move(body), [this, &done](const std::exception_ptr& failure) {
            done = true;
            world_.stop();
            if (failure)
                std::rethrow_exception(failure);
        });
        const outcome& result = world_.run();
        EXPECT_EQ(result.how, verdict::passed) << result.message << tail();
        EXPECT_TRUE(done) << "the case does not end" << tail();
    }

private:
    process& at(int number) { return *processes_[static_cast<std::size_t>(number)]; }
    std::string tail() const {
        std::string lines;
        for (const std::string& line : world_.tail())
            lines += "\n" + line;
        return lines;
    }

    world world_;
    std::vector<process*> processes_;
};

world_kind calm(std::uint64_t seed) {
    return {"seed_" + std::to_string(seed), [seed] {
                world_options options;
                options.seed = seed;
                return std::make_unique<simulated_world>(std::move(options));
            }};
}

// What a program has to live with even when all is well: any transfer may be a short one, any task may be
// overtaken.
world_kind terse(std::uint64_t seed) {
    return {"terse_seed_" + std::to_string(seed), [seed] {
                world_options options;
                options.seed = seed;
                options.faults.network.partial_read = 0.3;
                options.faults.network.partial_write = 0.3;
                options.faults.storage.short_transfer = 0.3;
                return std::make_unique<simulated_world>(std::move(options));
            }};
}

std::vector<world_kind> simulated_worlds() {
    return {calm(1), calm(2), terse(3)};
}

SQUALL_INSTANTIATE_CONTRACT(simulated, simulated_worlds());

}  // namespace
}  // namespace squall::contract
