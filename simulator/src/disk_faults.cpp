// Reads, writes, syncs and crashes, with the faults in force.
#include "disk_faults.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

namespace squall::simulator {
namespace {

std::string place(const std::string& path, std::uint64_t offset, std::uint64_t size) {
    return path + " " + std::to_string(offset) + "+" + std::to_string(size);
}

// Another place for `size` bytes at `offset`, whole sectors away, in a file of `length` bytes; at least
// `apart` bytes away.
std::optional<std::uint64_t> elsewhere(std::uint64_t offset, std::uint64_t size, std::uint64_t length,
                                       std::uint64_t apart, std::uint64_t bits) {
    const std::uint64_t least = std::max<std::uint64_t>((apart + sector_size - 1) / sector_size, 1);
    const std::uint64_t below = offset / sector_size;
    const std::uint64_t above = length > offset + size ? (length - offset - size) / sector_size : 0;
    const std::uint64_t ways_down = below >= least ? below - least + 1 : 0;
    const std::uint64_t ways_up = above >= least ? above - least + 1 : 0;
    if (ways_down + ways_up == 0)
        return std::nullopt;
    const std::uint64_t way = bits % (ways_down + ways_up);
    return way < ways_down ? offset - (least + way) * sector_size
                           : offset + (least + way - ways_down) * sector_size;
}

// What a fault needs to know of the file it strikes.
struct victim {
    victim(boot& its_boot, inode& its_file)
        : owner(its_boot),
          book(its_boot.world.damages),
          file(its_file),
          path(its_boot.process.disk.path_of(its_file)) {}

    bool may_damage(std::uint64_t from, std::uint64_t to) const {
        return book.allows(owner.process, path, from, to);
    }
    std::size_t damaged(std::string_view kind, std::uint64_t offset, std::uint64_t size,
                        std::uint64_t decision) const {
        return book.enter(owner.process, file, {{}, path, offset, size, kind, decision});
    }

    boot& owner;
    damage_book& book;
    inode& file;
    std::string path;
};

// One bit of what a read touches is found changed.
void rot(boot& owner, const disk_luck& luck, inode& file, std::uint64_t offset, std::size_t size) {
    constexpr std::string_view kind = "bit-rot";
    if (luck.rates().bit_rot <= 0)
        return;
    const std::uint64_t bits = luck.amount(kind);
    const std::uint64_t at = offset + (bits >> 3) % size;
    luck.strikes_if(kind, luck.rates().bit_rot, [&]() -> std::optional<std::string> {
        const victim v(owner, file);
        if (!file.on_medium(at) || file.flawed(at, at + 1) || !v.may_damage(at, at + 1))
            return std::nullopt;
        file.rot(at, bits & 7, v.damaged(kind, at, 1, luck.decision(kind)));
        return place(v.path, at, 1);
    });
}

// Where a read that goes astray reads; the damage is what it brings.
std::optional<std::uint64_t> astray(boot& owner, const disk_luck& luck, inode& file, std::uint64_t offset,
                                    std::size_t size, std::vector<std::size_t>& brought) {
    constexpr std::string_view kind = "misdirected-read";
    std::optional<std::uint64_t> there;
    luck.strikes_if(kind, luck.rates().misdirected_read, [&]() -> std::optional<std::string> {
        const victim v(owner, file);
        const auto other = elsewhere(offset, size, file.size(), 0, luck.amount(kind));
        if (!other || file.flawed(offset, offset + size) || !v.may_damage(offset, offset + size) ||
            file.bytes(offset, size) == file.bytes(*other, size))
            return std::nullopt;
        there = other;
        brought.push_back(v.damaged(kind, offset, size, luck.decision(kind)));
        return place(v.path, offset, size) + " from " + std::to_string(*other);
    });
    return there;
}

bool phantom(boot& owner, const disk_luck& luck, inode& file, std::uint64_t offset,
             const std::vector<char>& data) {
    constexpr std::string_view kind = "phantom-write";
    return luck.strikes_if(kind, luck.rates().phantom_write, [&]() -> std::optional<std::string> {
        const victim v(owner, file);
        auto old = file.bytes(offset, data.size());
        auto flaws = flaws_between(offset, old, data, v.book.next());
        if (flaws.empty() || !v.may_damage(offset, offset + data.size()))
            return std::nullopt;
        v.damaged(kind, offset, data.size(), luck.decision(kind));
        file.write(offset, std::move(old), std::move(flaws));
        return place(v.path, offset, data.size());
    });
}

bool misdirected(boot& owner, const disk_luck& luck, inode& file, std::uint64_t offset,
                 std::vector<char>& data) {
    constexpr std::string_view kind = "misdirected-write";
    const std::uint64_t size = data.size();
    return luck.strikes_if(kind, luck.rates().misdirected_write, [&]() -> std::optional<std::string> {
        const victim v(owner, file);
        const auto other =
            elsewhere(offset, size, std::max(file.size(), offset + size), size, luck.amount(kind));
        if (!other || file.flawed(*other, *other + size) || !v.may_damage(offset, offset + size) ||
            !v.may_damage(*other, *other + size))
            return std::nullopt;
        auto old_here = file.bytes(offset, size);
        const auto old_there = file.bytes(*other, size);
        auto flaws_here = flaws_between(offset, old_here, data, v.book.next());
        auto flaws_there = flaws_between(*other, data, old_there, v.book.next() + 1);
        if (flaws_here.empty() && flaws_there.empty())
            return std::nullopt;
        v.damaged(kind, offset, size, luck.decision(kind));
        v.damaged(kind, *other, size, luck.decision(kind));
        file.write(offset, std::move(old_here), std::move(flaws_here));
        file.write(*other, std::move(data), std::move(flaws_there));
        return place(v.path, offset, size) + " to " + std::to_string(*other);
    });
}

class crash_of final : public crash_sink {
public:
    explicit crash_of(process_state& p) : process_(p) {}

    // Without a draw of its own, and whether faults are on or not: that a crash takes what was not synced is
    // the model of one. But it can be vetoed.
    bool loses(std::string_view kind, std::uint64_t stream, std::uint64_t index,
               std::string detail) override {
        world_state& world = process_.world;
        if (!world.sites.decide(stream_key(stream, text_hash(kind)), index, 1))
            return false;
        world.record_fault({kind, decision(kind, stream, index), std::move(detail)}, process_.number);
        return true;
    }
    bool may_damage(const std::string& path, std::uint64_t offset, std::uint64_t size) override {
        return process_.world.damages.allows(process_, path, offset, offset + size);
    }
    std::size_t damaged(inode& file, const std::string& path, std::uint64_t offset, std::uint64_t size,
                        std::string_view kind, std::uint64_t decision) override {
        return process_.world.damages.enter(process_, file, {{}, path, offset, size, kind, decision});
    }
    std::uint64_t decision(std::string_view kind, std::uint64_t stream, std::uint64_t index) override {
        return world_state::decision(kind, stream, index);
    }

private:
    process_state& process_;
};

}  // namespace

std::size_t read_from_disk(boot& owner, const disk_luck& luck, inode& file, std::uint64_t offset,
                           mutable_buffers buffers, std::size_t wanted, disk_device::effect& at_the_end) {
    if (offset >= file.size())
        return 0;
    const std::size_t count = std::min<std::uint64_t>(wanted, file.size() - offset);
    rot(owner, luck, file, offset, count);
    std::vector<std::size_t> brought;
    std::uint64_t from = offset;
    if (const auto other = astray(owner, luck, file, offset, count, brought))
        from = *other;
    else
        brought = file.damage_in(offset, count);
    std::size_t done = 0;
    for (std::size_t i = 0; i < buffers.count && done < count; ++i)
        done +=
            file.read(from + done, buffers.data[i].data(), std::min(buffers.data[i].size(), count - done));
    if (!brought.empty())
        at_the_end = [&book = owner.world.damages, brought = std::move(brought)](bool answered) {
            if (answered)
                book.delivered(brought);
        };
    return done;
}

void write_to_disk(boot& owner, const disk_luck& luck, inode& file, std::uint64_t offset,
                   std::vector<char> data) {
    if (data.empty() || phantom(owner, luck, file, offset, data) ||
        misdirected(owner, luck, file, offset, data))
        return;
    file.write(offset, std::move(data));
}

void end_sync(boot& owner, const disk_luck& luck, inode& file, std::uint64_t mark) {
    constexpr std::string_view kind = "lost-sync";
    const bool lost = luck.strikes_if(kind, luck.rates().lost_sync, [&]() -> std::optional<std::string> {
        const victim v(owner, file);
        bool any = false;
        bool allowed = true;
        file.each_pending(mark, [&](std::uint64_t from, std::uint64_t to) {
            any = true;
            allowed = allowed && v.may_damage(from, to);
        });
        if (!any || !allowed)
            return std::nullopt;
        file.pretend_durable(mark, luck.decision(kind));
        return v.path;
    });
    if (!lost)
        file.make_durable(mark);
    owner.world.events_of_run.add(owner.world.now, event_kind::sync, owner.process.number);
}

std::uint64_t room_on_disk(const boot& owner) {
    const std::uint64_t capacity = owner.world.in_force().storage.capacity;
    if (capacity == 0)
        return std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t used = owner.process.disk.used();
    return used < capacity ? capacity - used : 0;
}

void crash_disk(process_state& p, std::uint64_t stream) {
    crash_of sink(p);
    p.disk.crash(p.world.options.faults.storage, p.world.options.seed, stream, sink);
}

}  // namespace squall::simulator
