// File handles on a simulated disk.
#include "disk_faults.h"
#include "hop.h"
#include "sim_provider.h"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

namespace squall::simulator {
namespace {

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
        const disk_luck luck(boot_);
        auto* opening = new open_operation(this, op);
        opening_ = opening;
        if (luck.strikes("open-error", luck.rates().read_error)) {
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
        complete(opening, luck.access(), 0);
    }

    void read_some_at(std::uint64_t offset, mutable_buffers buffers, operation* op) override {
        op = via(foreign_, op);
        if (!started(op) || !usable(op, open_mode::read))
            return;
        const disk_luck luck(boot_);
        std::size_t wanted = 0;
        for (std::size_t i = 0; i < buffers.count; ++i)
            wanted += buffers.data[i].size();
        disk_device::effect at_the_end;
        if (luck.strikes("read-error", luck.rates().read_error)) {
            op->ec = system_error(EIO);
        } else if (wanted > 0 && offset > offset_max) {
            op->ec = system_error(EINVAL);
        } else if (wanted > 0) {
            wanted = shortened(wanted, luck);
            op->bytes = read_from_disk(boot_, luck, *inode_, offset, buffers, wanted, at_the_end);
            if (op->bytes == 0)
                op->ec = asio::error::eof;
        }
        complete(op, luck.access(), op->bytes, std::move(at_the_end));
    }

    void write_some_at(std::uint64_t offset, const_buffers buffers, operation* op) override {
        op = via(foreign_, op);
        if (!started(op) || !usable(op, open_mode::write))
            return;
        const disk_luck luck(boot_);
        std::size_t wanted = 0;
        for (std::size_t i = 0; i < buffers.count; ++i)
            wanted += buffers.data[i].size();
        if (luck.strikes("write-error", luck.rates().write_error)) {
            op->ec = system_error(EIO);
        } else if (luck.strikes("no-space", luck.rates().no_space)) {
            op->ec = system_error(ENOSPC);
        } else if (wanted > 0 && check_size(offset, wanted)) {
            op->ec = check_size(offset, wanted);
        } else if (wanted > 0) {
            wanted = fitting(offset, shortened(wanted, luck));
            if (wanted == 0)
                op->ec = system_error(ENOSPC);
            op->bytes = wanted;
            write_to_disk(boot_, luck, *inode_, offset, gathered(buffers, wanted));
        }
        complete(op, luck.access(), op->bytes);
    }

    void sync(operation* op) override {
        op = via(foreign_, op);
        if (!started(op) || !usable(op, open_mode{}))
            return;
        const disk_luck luck(boot_);
        nanoseconds time = luck.sync();
        if (luck.strikes("slow-sync", luck.rates().slow_sync))
            time += nanoseconds(luck.amount("slow-sync") %
                                (static_cast<std::uint64_t>(luck.rates().slow_sync_time.count()) + 1));
        if (luck.strikes("sync-error", luck.rates().sync_error)) {
            op->ec = system_error(EIO);
            complete(op, time, 0);
            return;
        }
        // Durable at the end of the sync, not before; what is written meanwhile is not covered.
        complete(op, time, 0, [file = inode_, mark = inode_->pending_mark(), its = &boot_, luck](bool) {
            end_sync(*its, luck, *file, mark);
        });
    }

    void resize(std::uint64_t size, operation* op) override {
        op = via(foreign_, op);
        if (!started(op) || !usable(op, open_mode::write))
            return;
        const disk_luck luck(boot_);
        if (luck.strikes("write-error", luck.rates().write_error))
            op->ec = system_error(EIO);
        else if (check_size(size, 0))
            op->ec = check_size(size, 0);
        else if (size > inode_->size() && size - inode_->size() > room_on_disk(boot_))
            op->ec = system_error(ENOSPC);
        else
            inode_->resize(size);
        complete(op, luck.access(), 0);
    }

    void size(operation* op) override {
        op = via(foreign_, op);
        if (!started(op) || !usable(op, open_mode{}))
            return;
        const disk_luck luck(boot_);
        op->bytes = inode_->size();
        complete(op, luck.access(), 0);
    }

    void close() override {
        cancel();
        if (inode_ != nullptr)
            --inode_->handles;
        inode_ = nullptr;
    }
    void cancel() override {
        if (opening_ != nullptr)
            std::exchange(opening_, nullptr)->file = nullptr;
        if (started_any_)
            boot_.process.device.cancel(this);
    }
    bool is_open() const override { return inode_ != nullptr; }
    void corruption_detected(std::uint64_t offset, std::uint64_t size) override {
        if (inode_ != nullptr)
            boot_.world.damages.noticed(boot_.process, *inode_, offset, size);
    }

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
                    ++self->file->inode_->handles;
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
    // How much of a write fits on the disk.
    std::size_t fitting(std::uint64_t offset, std::size_t wanted) const {
        const std::uint64_t size = inode_->size();
        if (offset + wanted <= size)
            return wanted;
        const std::uint64_t room = room_on_disk(boot_);
        if (offset + wanted - size <= room)
            return wanted;
        return size + room > offset ? static_cast<std::size_t>(size + room - offset) : 0;
    }
    static std::vector<char> gathered(const_buffers buffers, std::size_t wanted) {
        std::vector<char> data;
        data.reserve(wanted);
        for (std::size_t i = 0; i < buffers.count && data.size() < wanted; ++i) {
            const auto* bytes = static_cast<const char*>(buffers.data[i].data());
            data.insert(data.end(), bytes, bytes + std::min(buffers.data[i].size(), wanted - data.size()));
        }
        return data;
    }
    static std::size_t shortened(std::size_t wanted, const disk_luck& luck) {
        if (wanted < 2 || !luck.strikes("short-transfer", luck.rates().short_transfer))
            return wanted;
        return 1 + luck.amount("short-transfer") % (wanted - 1);
    }
    void complete(operation* op, nanoseconds latency, std::size_t bytes, disk_device::effect then = {}) {
        started_any_ = true;
        boot_.process.device.start(boot_, op, this, latency, bytes, std::move(then));
    }

    boot& boot_;
    asio::any_io_executor foreign_;
    open_operation* opening_ = nullptr;
    std::shared_ptr<inode> inode_;
    open_mode mode_{};
    bool started_any_ = false;
};

}  // namespace

std::unique_ptr<file_backend> make_sim_file(boot& owner, const asio::any_io_executor& executor) {
    return std::make_unique<sim_file>(owner, executor);
}

}  // namespace squall::simulator
