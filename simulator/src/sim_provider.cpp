// Timers, clocks, random bits and directories of a simulated process.
#include "sim_provider.h"

#include "disk_luck.h"
#include "hop.h"
#include "message_latency.h"
#include "sim_resolver.h"
#include "under_way.h"
#include "world_state.h"

#include <boost/asio/error.hpp>

#include <algorithm>

namespace squall::simulator {
namespace {

constexpr std::uint64_t timer_stream = stream_key("squall.timer");
constexpr std::uint64_t early_stream = stream_key("squall.early-timer");
// 2024-01-01T00:00:00Z: what a simulated process's wall clock reads at the start of a run, skew aside.
constexpr nanoseconds epoch_of_runs = std::chrono::seconds(1'704'067'200);

class sim_timer final : public timer_backend, public in_kept_memory {
public:
    sim_timer(boot& owner, const asio::any_io_executor& executor) : boot_(owner) {
        if (auto foreign = foreign_part(executor))
            foreign_ = std::make_unique<asio::any_io_executor>(std::move(foreign));
    }
    ~sim_timer() override { sim_timer::cancel(); }

    void wait(steady_clock::time_point when, operation* op) override {
        if (foreign_ != nullptr)
            op = via(*foreign_, op);
        world_state& world = boot_.world;
        if (!boot_.alive()) {
            op->abandon();
            return;
        }
        if (when == steady_clock::time_point::max()) {  // neither early nor late
            world.complete_never(boot_, op);
            waits_.add(boot_, op);
            op->cancel = &cancel_one;
            return;
        }
        const std::int64_t wanted = when.time_since_epoch().count();
        std::uint64_t at = std::max(wanted < 0 ? 0 : static_cast<std::uint64_t>(wanted), world.now);
        process_state& p = boot_.process;
        const time_faults& f = world.in_force().time;
        if (f.late_timer > 0) {
            const std::uint64_t stream = stream_key(p.stream, timer_stream);
            const std::uint64_t index = p.timer_waits++;
            if (world.strikes("late-timer", stream, index, f.late_timer, p.number))
                at += world.draw(stream_key(stream, amount_stream), index) %
                      (static_cast<std::uint64_t>(f.late_by.count()) + 1);
        }
        if (f.early_timer > 0) {
            const std::uint64_t stream = stream_key(p.stream, early_stream);
            const std::uint64_t index = p.early_waits++;
            if (at > world.now && world.strikes("early-timer", stream, index, f.early_timer, p.number))
                at = std::max(world.now,
                              at - std::min(at, world.draw(stream_key(stream, amount_stream), index) %
                                                    (static_cast<std::uint64_t>(f.early_by.count()) + 1)));
        }
        world.complete_at(at, boot_, op);
        waits_.add(boot_, op);
        op->cancel = &cancel_one;
    }

    std::size_t cancel() override { return waits_.cancel(boot_); }

private:
    static void cancel_one(operation* op) {
        auto* owner = static_cast<boot*>(op->owner);
        owner->world.finish(*owner, op, asio::error::operation_aborted);
    }

    boot& boot_;
    std::unique_ptr<asio::any_io_executor> foreign_;  // null: a crowd of timers has none
    under_way waits_;
};

class sim_provider final : public provider, public in_kept_memory {
public:
    explicit sim_provider(boot& owner) : boot_(owner) {}

    std::unique_ptr<timer_backend> make_timer(const asio::any_io_executor& executor) override {
        return std::make_unique<sim_timer>(boot_, executor);
    }
    std::unique_ptr<stream_backend> make_stream(const asio::any_io_executor& executor) override {
        return boot_.world.network.make_stream(boot_, executor);
    }
    std::unique_ptr<acceptor_backend> make_acceptor(const asio::any_io_executor& executor) override {
        return boot_.world.network.make_acceptor(boot_, executor);
    }
    std::unique_ptr<datagram_backend> make_datagram_socket(const asio::any_io_executor& executor) override {
        return boot_.world.network.datagrams().make_socket(boot_, executor);
    }
    std::unique_ptr<resolver_backend> make_resolver(const asio::any_io_executor& executor) override {
        return make_sim_resolver(boot_, executor);
    }
    std::unique_ptr<file_backend> make_file(const asio::any_io_executor& executor) override {
        return make_sim_file(boot_, executor);
    }

    void rename(const asio::any_io_executor& executor, const std::string& from, const std::string& to,
                operation* op) override {
        op = via(foreign_part(executor), op);
        change(op, [&](error_code& ec) { boot_.process.disk.rename(from, to, ec); });
    }
    void remove(const asio::any_io_executor& executor, const std::string& path, operation* op) override {
        op = via(foreign_part(executor), op);
        change(op, [&](error_code& ec) { boot_.process.disk.remove(path, ec); });
    }
    void create_directory(const asio::any_io_executor& executor, const std::string& path,
                          operation* op) override {
        op = via(foreign_part(executor), op);
        change(op, [&](error_code& ec) { boot_.process.disk.create_directory(path, ec); });
    }
    void list_directory(const asio::any_io_executor& executor, const std::string& path,
                        list_operation* op) override {
        op = via(foreign_part(executor), op);
        if (!boot_.alive()) {
            op->abandon();
            return;
        }
        op->names = boot_.process.disk.list(path, op->ec);
        const disk_luck luck(boot_);
        boot_.process.device.start(boot_, op, nullptr, luck.access(), 0);
    }
    void sync_directory(const asio::any_io_executor& executor, const std::string& path,
                        operation* op) override {
        op = via(foreign_part(executor), op);
        if (!boot_.alive()) {
            op->abandon();
            return;
        }
        const disk_luck luck(boot_);
        boot_.process.disk.list(path, op->ec);
        if (!op->ec && luck.strikes("sync-error", luck.rates().sync_error))
            op->ec = error_code(EIO, boost::system::system_category());
        disk_device::effect at_the_end;
        if (!op->ec)
            at_the_end = [&disk = boot_.process.disk, path](bool) {
                error_code ignored;
                disk.sync_directory(path, ignored);
            };
        boot_.process.device.start(boot_, op, nullptr, luck.sync(), 0, std::move(at_the_end));
    }

    void corruption_detected(const std::string& path, std::uint64_t offset, std::uint64_t size) override {
        error_code ec;
        const auto file = boot_.process.disk.find(path, ec);
        if (!ec)
            boot_.world.damages.noticed(boot_.process, *file, offset, size);
    }

    steady_clock::time_point steady_now() override {
        return steady_clock::time_point(nanoseconds(boot_.world.now));
    }
    bool simulated() const noexcept override { return true; }
    wall_clock::time_point wall_now() override {
        return wall_clock::time_point(epoch_of_runs +
                                      boot_.process.wall_offset(nanoseconds(boot_.world.now)));
    }
    std::uint64_t random_bits() override { return boot_.process.random.next(); }

private:
    template <class Change>
    void change(operation* op, Change apply) {
        if (!boot_.alive()) {
            op->abandon();
            return;
        }
        const disk_luck luck(boot_);
        if (luck.strikes("write-error", luck.rates().write_error))
            op->ec = error_code(EIO, boost::system::system_category());
        else
            apply(op->ec);
        boot_.process.device.start(boot_, op, nullptr, luck.access(), 0);
    }

    boot& boot_;
};

}  // namespace

void complete_cancellable(boot& owner, operation* op, std::uint64_t when) {
    op->cancel = [](operation* base) {
        auto* its = static_cast<boot*>(base->owner);
        its->world.finish(*its, base, asio::error::operation_aborted);
    };
    owner.world.complete_at(when, owner, op);
}

std::unique_ptr<provider> make_sim_provider(boot& owner) {
    return std::make_unique<sim_provider>(owner);
}

}  // namespace squall::simulator
