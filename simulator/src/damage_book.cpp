// The book of damage, and its budget.
#include "damage_book.h"

#include "world_state.h"

#include <algorithm>
#include <set>
#include <utility>

namespace squall::simulator {
namespace {

constexpr int first_client_group = 100;  // simulation.h: process groups are below

std::uint64_t sector_of(std::uint64_t offset) {
    return offset / sector_size;
}
std::uint64_t sectors_to(std::uint64_t end) {
    return (end + sector_size - 1) / sector_size;
}

}  // namespace

std::uint32_t damage_book::budget_of(int group) const {
    if (const auto set = budgets_.find(group); set != budgets_.end())
        return set->second;
    if (group >= first_client_group)
        return 0;
    const auto members = std::count_if(world_.processes.begin(), world_.processes.end(),
                                       [group](const process_state& p) { return p.group() == group; });
    return std::min(world_.options.faults.storage.damaged_copies,
                    static_cast<std::uint32_t>((members - 1) / 2));
}

bool damage_book::allows(const process_state& p, const std::string& path, std::uint64_t from,
                         std::uint64_t to) const {
    const std::uint32_t whole = budget_of(p.group());
    const auto wiped =
        static_cast<std::uint32_t>(std::ranges::count_if(world_.processes, [&p](const process_state& other) {
            return other.wiped && &other != &p && other.group() == p.group();
        }));
    if (whole <= wiped || path.empty())
        return false;
    const std::uint32_t budget = whole - wiped;
    return datum_ ? allows_by_datum(p, path, from, to, budget) : allows_by_path(p, path, from, to, budget);
}

bool damage_book::allows_wipe(const process_state& p) const {
    std::uint32_t damaged = 0;
    for (const process_state& other : world_.processes) {
        if (&other == &p || other.group() != p.group())
            continue;
        bool flawed = other.wiped;
        other.disk.each_file([&](const std::string&, const inode& file) {
            file.each_flaw([&](std::uint64_t, std::uint64_t) { flawed = true; });
        });
        damaged += flawed ? 1 : 0;
    }
    return damaged < budget_of(p.group());
}

// A datum is a sector of a path: the flaws that others have there, as ranges of sectors; no sector may be in
// those of more than budget - 1 of them.
bool damage_book::allows_by_path(const process_state& p, const std::string& path, std::uint64_t from,
                                 std::uint64_t to, std::uint32_t budget) const {
    from = sector_of(from);
    to = sectors_to(to);
    std::vector<span> others;
    for (const process_state& other : world_.processes) {
        if (&other == &p || other.group() != p.group())
            continue;
        other.disk.each_file([&](const std::string& its_path, const inode& file) {
            if (its_path != path)
                return;
            file.each_flaw([&](std::uint64_t begin, std::uint64_t end) {
                if (sector_of(begin) < to && from < sectors_to(end))
                    others.push_back({&other, std::max(from, sector_of(begin)), sectors_to(end)});
            });
        });
    }
    // The most of them stand where one begins.
    return std::none_of(others.begin(), others.end(), [&](const span& at) {
        std::set<std::uint32_t> damaged;
        for (const span& s : others)
            if (s.from <= at.from && at.from < s.to)
                damaged.insert(s.owner->number);
        return damaged.size() >= budget;
    });
}

bool damage_book::allows_by_datum(const process_state& p, const std::string& path, std::uint64_t from,
                                  std::uint64_t to, std::uint32_t budget) const {
    std::map<std::string, std::uint32_t> copies;  // damaged ones elsewhere, of what this would damage
    for (std::uint64_t sector = sector_of(from); sector < sectors_to(to); ++sector)
        copies[datum_(p.handle, path, sector * sector_size)] = 0;
    for (const process_state& other : world_.processes) {
        if (&other == &p || other.group() != p.group())
            continue;
        std::set<std::string> damaged;
        other.disk.each_file([&](const std::string& its_path, const inode& file) {
            file.each_flaw([&](std::uint64_t begin, std::uint64_t end) {
                for (std::uint64_t sector = sector_of(begin); sector < sectors_to(end); ++sector)
                    damaged.insert(datum_(other.handle, its_path, sector * sector_size));
            });
        });
        for (const auto& name : damaged)
            if (const auto found = copies.find(name); found != copies.end())
                ++found->second;
    }
    return std::all_of(copies.begin(), copies.end(), [budget](const auto& c) { return c.second < budget; });
}

std::size_t damage_book::enter(const process_state& p, inode& file, damage what) {
    what.process = p.name;
    what.time = nanoseconds(world_.now);
    file.all_damages.push_back(all_.size());
    all_.push_back(std::move(what));
    return all_.size() - 1;
}

void damage_book::delivered(const std::vector<std::size_t>& numbers) {
    for (const std::size_t number : numbers)
        all_[number].delivered = true;
}

void damage_book::noticed(const process_state& p, const inode& file, std::uint64_t offset,
                          std::uint64_t size) {
    const std::uint64_t end = offset + std::max<std::uint64_t>(size, 1);
    for (const std::size_t number : file.all_damages) {
        damage& d = all_[number];
        if (!d.delivered || d.detected || d.offset >= end || offset >= d.offset + d.size)
            continue;
        d.detected = true;
        world_.absorb(d.decision);
        world_.events_of_run.add_text(world_.now, event_kind::disk, p.number,
                                      "damage was noticed, of " + std::string(d.kind) + " in " + d.path);
    }
}

}  // namespace squall::simulator
