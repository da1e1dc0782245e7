// File handles on a simulated disk.
#include "hop.h"
#include "sim_provider.h"
#include "world_state.h"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

namespace squall::simulator {
namespace {

constexpr std::uint64_t amount_stream = stream_key("squall.amount");

error_code system_error(int number) {
    return {number, boost::system::system_category()};
}

// Offsets beyond what any file has, and sizes beyond what this one's memory
// should hold.
constexpr std::uint64_t offset_max = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t size_max = std::uint64_t{1} << 32;

error_code check_size(std::uint64_t offset, std::uint64_t bytes) {
    if (offset > offset_max)
        return system_error(EINVAL);
    return offset + bytes > size_max ? system_error(EFBIG) : error_code();
}

bool makes_sense(open_mode mode) {
    if (!has(mode, open_mode::read) && !has(mode, open_mode::write))
        return false;
    if (has(mode, open_mode::truncate) && !has(mode, open_mode::write))
        return false;
    return !has(mode, open_mode::exclusive) || has(mode, open_mode::create);
}

class sim_file final : public file_backend {
public:
    sim_file(boot& owner, const asio::any_io_executor& executor)
        : boot_(owner),
          foreign_(foreign_part(executor)) {}
    ~sim_file() override { sim_file::close(); }

    void open(const std::string& path, open_mode mode, operation* op) override {
        op = via(foreign_, op);
        if (!started(op))
            return;
        if (inode_ != nullptr || opening_ != nullptr) {
            op->ec = asio::error::already_started;
            if (inode_ != nullptr)
                op->ec = asio::error::already_open;
            boot_.world.complete_now(boot_, op);
            return;
        }
        const storage_faults& f = faults_in_force();
        auto* opening = new open_operation(this, op);
        opening_ = opening;
        if (disk_strikes(boot_, "open-error", f.read_error)) {
            opening->ec = system_error(EIO);
        } else if (!makes_sense(mode)) {
            opening->ec = system_error(EINVAL);
        } else {
            error_code ec;
            auto found = boot_.process.disk.find(path, ec);
            if (ec == boost::system::errc::no_such_file_or_directory && has(mode, open_mode::create)) {
                ec = {};
                found = boot_.process.disk.create(path, ec);
            } else if (!ec && has(mode, open_mode::create) && has(mode, open_mode::exclusive)) {
                ec = system_error(EEXIST);
            }
            if (!ec && has(mode, open_mode::truncate) && found->size() != 0)
                found->resize(0);
            if (!ec) {
                opening->found = std::move(found);
                opening->mode = mode;
            }
            opening->ec = ec;
        }
        complete(opening, f.access_min, f.access_mean, 0);
    }

    void read_some_at(std::uint64_t offset, mutable_buffers buffers, operation* op) override {
        op = via(foreign_, op);
        if (!started(op) || !usable(op, open_mode::read))
            return;
        const storage_faults& f = faults_in_force();
        std::size_t wanted = 0;
        for (std::size_t i = 0; i < buffers.count; ++i)
            wanted += buffers.data[i].size();
        const std::uint64_t ordinal = boot_.process.disk_operations;
        if (disk_strikes(boot_, "read-error", f.read_error)) {
            op->ec = system_error(EIO);
        } else if (wanted > 0 && offset > offset_max) {
            op->ec = system_error(EINVAL);
        } else if (wanted > 0) {
            wanted = shortened(wanted, ordinal, f);
            for (std::size_t i = 0; i < buffers.count && op->bytes < wanted; ++i) {
                const std::size_t part = std::min(buffers.data[i].size(), wanted - op->bytes);
                const std::size_t n = inode_->read(offset + op->bytes, buffers.data[i].data(), part);
                op->bytes += n;
                if (n < part)
                    break;
            }
            if (op->bytes == 0)
                op->ec = asio::error::eof;
        }
        complete(op, f.access_min, f.access_mean, op->bytes);
    }

    void write_some_at(std::uint64_t offset, const_buffers buffers, operation* op) override {
        op = via(foreign_, op);
        if (!started(op) || !usable(op, open_mode::write))
            return;
        const storage_faults& f = faults_in_force();
        std::size_t wanted = 0;
        for (std::size_t i = 0; i < buffers.count; ++i)
            wanted += buffers.data[i].size();
        const std::uint64_t ordinal = boot_.process.disk_operations;
        if (disk_strikes(boot_, "write-error", f.write_error)) {
            op->ec = system_error(EIO);
        } else if (disk_strikes(boot_, "no-space", f.no_space)) {
            op->ec = system_error(ENOSPC);
        } else if (wanted > 0 && check_size(offset, wanted)) {
            op->ec = check_size(offset, wanted);
        } else {
            wanted = shortened(wanted, ordinal, f);
            for (std::size_t i = 0; i < buffers.count && op->bytes < wanted; ++i) {
                const std::size_t n = std::min(buffers.data[i].size(), wanted - op->bytes);
                inode_->write(offset + op->bytes, buffers.data[i].data(), n);
                op->bytes += n;
            }
        }
        complete(op, f.access_min, f.access_mean, op->bytes);
    }

    void sync(operation* op) override {
        op = via(foreign_, op);
        if (!started(op) || !usable(op, open_mode{}))
            return;
        world_state& world = boot_.world;
        const storage_faults& f = faults_in_force();
        const std::uint64_t ordinal = boot_.process.disk_operations;
        std::uint64_t when = world.now + disk_delay(boot_, f.sync_min, f.sync_mean, 0);
        if (disk_strikes(boot_, "slow-sync", f.slow_sync))
            when += world.draw(stream_key(boot_.process.stream, amount_stream), ordinal) %
                    (static_cast<std::uint64_t>(f.slow_sync_time.count()) + 1);
        if (disk_strikes(boot_, "sync-error", f.sync_error)) {
            op->ec = system_error(EIO);
        } else {
            // Durable at the end of the sync, not before; what is written meanwhile is not covered.
            world.schedule_task(
                when, world_task::create([file = inode_, mark = inode_->pending_mark(), its = &boot_] {
                    if (!its->alive())
                        return;
                    file->make_durable(mark);
                    its->world.events_of_run.add(its->world.now, event_kind::sync, its->process.number);
                }));
        }
        track(op, when);
    }

    void resize(std::uint64_t size, operation* op) override {
        op = via(foreign_, op);
        if (!started(op) || !usable(op, open_mode::write))
            return;
        const storage_faults& f = faults_in_force();
        if (disk_strikes(boot_, "write-error", f.write_error))
            op->ec = system_error(EIO);
        else if (check_size(size, 0))
            op->ec = check_size(size, 0);
        else
            inode_->resize(size);
        complete(op, f.access_min, f.access_mean, 0);
    }

    void size(operation* op) override {
        op = via(foreign_, op);
        if (!started(op) || !usable(op, open_mode{}))
            return;
        const storage_faults& f = faults_in_force();
        op->bytes = inode_->size();
        ++boot_.process.disk_operations;
        complete(op, f.access_min, f.access_mean, 0);
    }

    void close() override {
        cancel();
        inode_ = nullptr;
    }
    void cancel() override {
        if (opening_ != nullptr)
            std::exchange(opening_, nullptr)->file = nullptr;
        for (const auto& [op, ticket] : std::exchange(under_way_, {}))
            if (boot_.world.scheduled(ticket) && op->cancel != nullptr)
                boot_.world.finish(boot_, op, asio::error::operation_aborted);
    }
    bool is_open() const override { return inode_ != nullptr; }

private:
    // Stands in for an open: the handle is open from its completion on, unless it
    // is aborted.
    class open_operation final : public operation {
    public:
        open_operation(sim_file* its_file, operation* target)
            : operation(&open_operation::end),
              file(its_file),
              target_(target) {
            target->state = this;
            target->cancel = [](operation* op) {
                auto* self = static_cast<open_operation*>(op->state);
                if (auto cancel = std::exchange(self->cancel, nullptr))
                    cancel(self);
            };
        }
        sim_file* file;  // null once cancelled
        std::shared_ptr<inode> found;
        open_mode mode{};

    private:
        static void end(operation* base, bool invoke) {
            const std::unique_ptr<open_operation> self(static_cast<open_operation*>(base));
            operation* target = self->target_;
            if (self->file != nullptr) {
                self->file->opening_ = nullptr;
                if (invoke && !self->ec) {
                    self->file->inode_ = std::move(self->found);
                    self->file->mode_ = self->mode;
                }
            }
            target->state = nullptr;
            target->cancel = nullptr;
            target->ec = self->ec;
            if (invoke)
                target->complete();
            else
                target->abandon();
        }
        operation* target_;
    };

    struct pending {
        operation* op;
        std::uint64_t ticket;
    };

    const storage_faults& faults_in_force() const { return boot_.world.in_force().storage; }

    bool started(operation* op) {
        if (boot_.alive())
            return true;
        op->abandon();
        return false;
    }
    bool usable(operation* op, open_mode needed) {
        if (inode_ != nullptr && (needed == open_mode{} || has(mode_, needed)))
            return true;
        op->ec = asio::error::bad_descriptor;
        boot_.world.complete_now(boot_, op);
        return false;
    }
    std::size_t shortened(std::size_t wanted, std::uint64_t ordinal, const storage_faults& f) {
        if (wanted < 2 || !disk_strikes(boot_, "short-transfer", f.short_transfer))
            return wanted;
        return 1 + boot_.world.draw(stream_key(boot_.process.stream, amount_stream), ordinal) % (wanted - 1);
    }
    void complete(operation* op, nanoseconds least, nanoseconds mean, std::size_t bytes) {
        track(op, boot_.world.now + disk_delay(boot_, least, mean, bytes));
    }
    void track(operation* op, std::uint64_t when) {
        complete_cancellable(boot_, op, when);
        std::erase_if(under_way_, [this](const pending& p) { return !boot_.world.scheduled(p.ticket); });
        under_way_.push_back({op, op->ticket});
    }

    boot& boot_;
    asio::any_io_executor foreign_;
    open_operation* opening_ = nullptr;
    std::shared_ptr<inode> inode_;
    open_mode mode_{};
    std::vector<pending> under_way_;
};

}  // namespace

std::unique_ptr<file_backend> make_sim_file(boot& owner, const asio::any_io_executor& executor) {
    return std::make_unique<sim_file>(owner, executor);
}

}  // namespace squall::simulator
