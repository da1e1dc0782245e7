// The data of a file, and what a crash leaves of it.
#include "inode.h"

#include <squall/decisions.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace squall::simulator {
namespace {

std::vector<char> part_of(const std::vector<char>& whole, std::uint64_t from, std::uint64_t to) {
    return {whole.begin() + static_cast<std::ptrdiff_t>(from),
            whole.begin() + static_cast<std::ptrdiff_t>(to)};
}

// What of a flaw is in [from, to).
std::optional<flaw> clipped(const flaw& f, std::uint64_t from, std::uint64_t to) {
    const std::uint64_t begin = std::max(from, f.offset);
    const std::uint64_t end = std::min(to, f.offset + f.size);
    if (begin >= end)
        return std::nullopt;
    flaw inner{begin, end - begin, {}, f.damage};
    if (!f.right.empty())
        inner.right = part_of(f.right, begin - f.offset, end - f.offset);
    return inner;
}

std::uint64_t sector_end(std::uint64_t at) {
    return (at / sector_size + 1) * sector_size;
}

// Nothing is drawn for what is certain.
bool happens(double p, std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
    return p >= 1 || (p > 0 && chance(mix(seed, stream, index), p));
}

std::string place_in_file(const std::string& path, std::uint64_t offset, std::uint64_t size) {
    return path + " " + std::to_string(offset) + "+" + std::to_string(size);
}

}  // namespace

std::vector<flaw> flaws_between(std::uint64_t offset, const std::vector<char>& actual,
                                const std::vector<char>& right, std::size_t damage) {
    std::vector<flaw> found;
    const std::uint64_t end = offset + right.size();
    for (std::uint64_t at = offset; at < end;) {
        const std::uint64_t next = std::min(end, sector_end(at));
        const std::uint64_t from = at - offset;
        const std::uint64_t size = next - at;
        if (from + size > actual.size() || std::memcmp(actual.data() + from, right.data() + from, size) != 0)
            found.push_back({at, size, part_of(right, from, from + size), damage});
        at = next;
    }
    return found;
}

void image::write(std::uint64_t offset, const std::vector<char>& data, const std::vector<flaw>& flaws) {
    if (bytes_.size() < offset + data.size())
        bytes_.resize(offset + data.size());
    std::copy(data.begin(), data.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
    forget_flaws(offset, offset + data.size());
    flaws_.insert(flaws_.end(), flaws.begin(), flaws.end());
}

void image::resize(std::uint64_t size) {
    bytes_.resize(size);
    forget_flaws(size, ~std::uint64_t{0});
}

void image::lack(std::uint64_t offset, const std::vector<char>& right, std::size_t damage) {
    const std::uint64_t end = std::min<std::uint64_t>(offset + right.size(), bytes_.size());
    std::vector<char> actual;
    if (offset < end)
        actual = part_of(bytes_, offset, end);
    forget_flaws(offset, offset + right.size());
    for (flaw& f : flaws_between(offset, actual, right, damage))
        flaws_.push_back(std::move(f));
}

void image::exceed(std::uint64_t offset, std::uint64_t size, std::size_t damage) {
    forget_flaws(offset, offset + size);
    flaws_.push_back({offset, size, {}, damage});
}

void image::flip(std::uint64_t offset, unsigned bit, std::size_t damage) {
    char& byte = bytes_[offset];
    const char right = byte;
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1u << bit));
    flaws_.push_back({offset, 1, {right}, damage});
}

bool image::flawed(std::uint64_t from, std::uint64_t to) const noexcept {
    return std::any_of(flaws_.begin(), flaws_.end(),
                       [=](const flaw& f) { return f.offset < to && from < f.offset + f.size; });
}

void image::forget_flaws(std::uint64_t from, std::uint64_t to) {
    if (!flawed(from, to))
        return;
    std::vector<flaw> left;
    for (const flaw& f : flaws_) {
        for (auto rest : {clipped(f, 0, from), clipped(f, to, ~std::uint64_t{0})})
            if (rest)
                left.push_back(std::move(*rest));
    }
    flaws_ = std::move(left);
}

std::size_t inode::read(std::uint64_t offset, void* to, std::size_t count) const noexcept {
    if (offset >= content_.size())
        return 0;
    const std::size_t n = std::min<std::uint64_t>(count, content_.size() - offset);
    std::memcpy(to, content_.bytes().data() + offset, n);
    return n;
}

std::vector<char> inode::bytes(std::uint64_t offset, std::size_t count) const {
    std::vector<char> all(count);
    read(offset, all.data(), count);
    return all;
}

void inode::write(std::uint64_t offset, std::vector<char> data, std::vector<flaw> flaws) {
    if (data.empty())
        return;
    pending_.push_back({offset, 0, std::move(data), false, std::move(flaws)});
    apply(content_, pending_.back());
}

void inode::resize(std::uint64_t size) {
    pending_.push_back({0, size, {}, true});
    apply(content_, pending_.back());
}

void inode::apply(image& to, const change& c) {
    if (c.is_resize)
        to.resize(c.size);
    else
        to.write(c.offset, c.data, c.flaws);
}

void inode::make_durable(std::uint64_t mark) {
    if (mark <= first_pending_)
        return;
    const auto count =
        static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(mark - first_pending_, pending_.size()));
    for (auto it = pending_.begin(); it != pending_.begin() + count; ++it)
        apply(durable_, *it);
    pending_.erase(pending_.begin(), pending_.begin() + count);
    first_pending_ += static_cast<std::uint64_t>(count);
}

void inode::pretend_durable(std::uint64_t mark, std::uint64_t decision) {
    for (std::size_t i = 0; i < pending_.size() && first_pending_ + i < mark; ++i)
        if (!std::exchange(pending_[i].pretended, true))
            pending_[i].decision = decision;
}

void inode::each_pending(std::uint64_t mark, const range_function& see) const {
    std::uint64_t size = durable_.size();
    for (std::size_t i = 0; i < pending_.size() && first_pending_ + i < mark; ++i) {
        const change& c = pending_[i];
        if (!c.is_resize)
            see(c.offset, c.offset + c.data.size());
        else if (c.size < size)
            see(c.size, size);
        size = c.is_resize ? c.size : std::max<std::uint64_t>(size, c.offset + c.data.size());
    }
}

std::vector<inode::part> inode::parts_of(const change& c) {
    std::vector<part> parts;
    const std::uint64_t end = c.offset + c.data.size();
    for (std::uint64_t at = c.offset; at < end; at = parts.back().to)
        parts.push_back({at, std::min(end, sector_end(at)), fate::survives});
    return parts;
}

void inode::crash_write(const change& c, std::uint64_t ordinal, const storage_faults& faults,
                        std::uint64_t seed, std::uint64_t stream, const std::string& path, crash_sink& sink) {
    auto parts = parts_of(c);
    const std::uint64_t of_sectors = stream_key(stream, ordinal);
    std::size_t survivors = 0;
    std::size_t garbled = 0;
    for (part& p : parts) {
        const std::uint64_t index = p.from / sector_size * 2;
        if (happens(faults.unsynced_sector_survives, seed, of_sectors, index)) {
            ++survivors;
        } else if (happens(faults.unsynced_sector_garbled, seed, of_sectors, index + 1) &&
                   sink.may_damage(path, p.from, p.to - p.from)) {
            p.what = fate::garbled;
            ++garbled;
        } else {
            p.what = fate::lost;
        }
    }
    const std::string_view kind = survivors == 0 && garbled == 0 ? "lost-write" : "torn-write";
    std::string detail = place_in_file(path, c.offset, c.data.size());
    if (survivors + garbled > 0)
        detail += ": " + std::to_string(survivors) + " of " + std::to_string(parts.size()) +
                  " sectors survive" +
                  (garbled > 0 ? ", " + std::to_string(garbled) + " hold noise" : std::string());
    if (survivors == parts.size() || !sink.loses(kind, stream, ordinal, std::move(detail))) {
        apply(durable_, c);
        return;
    }
    std::optional<std::size_t> torn;
    std::optional<std::size_t> lied;
    for (const part& p : parts) {
        std::vector<char> data = part_of(c.data, p.from - c.offset, p.to - c.offset);
        if (p.what == fate::lost && c.pretended) {
            if (!lied)
                lied = sink.damaged(*this, path, c.offset, c.data.size(), "lost-sync", c.decision);
            durable_.lack(p.from, data, *lied);
        } else if (p.what == fate::garbled) {
            if (!torn)
                torn = sink.damaged(*this, path, c.offset, c.data.size(), kind,
                                    sink.decision(kind, stream, ordinal));
            decision_stream noise(seed, stream_key(of_sectors, p.from / sector_size));
            for (char& byte : data)
                byte = static_cast<char>(noise.next());
            durable_.write(p.from, data, {{p.from, p.to - p.from, {}, *torn}});
        } else if (p.what == fate::survives) {
            std::vector<flaw> flaws;
            for (const flaw& f : c.flaws)
                if (auto inner = clipped(f, p.from, p.to))
                    flaws.push_back(std::move(*inner));
            durable_.write(p.from, data, flaws);
        }
    }
}

void inode::crash_resize(const change& c, std::uint64_t ordinal, const storage_faults& faults,
                         std::uint64_t seed, std::uint64_t stream, const std::string& path,
                         crash_sink& sink) {
    if (happens(faults.unsynced_sector_survives, seed, stream_key(stream, ordinal), 0) ||
        !sink.loses("lost-write", stream, ordinal, path + " resize to " + std::to_string(c.size))) {
        apply(durable_, c);
    } else if (c.pretended && c.size < durable_.size()) {
        const std::uint64_t more = durable_.size() - c.size;
        durable_.exceed(c.size, more, sink.damaged(*this, path, c.size, more, "lost-sync", c.decision));
    }
}

void inode::crash(const storage_faults& faults, std::uint64_t seed, std::uint64_t stream,
                  const std::string& path, crash_sink& sink) {
    for (std::size_t i = 0; i < pending_.size(); ++i) {
        const change& c = pending_[i];
        if (c.is_resize)
            crash_resize(c, first_pending_ + i, faults, seed, stream, path, sink);
        else
            crash_write(c, first_pending_ + i, faults, seed, stream, path, sink);
    }
    first_pending_ += pending_.size();
    pending_.clear();
    content_ = durable_;
}

bool inode::on_medium(std::uint64_t offset) const noexcept {
    return offset < durable_.size() && offset < content_.size() &&
           std::none_of(
               pending_.begin(), pending_.end(),
               [offset](const change& c) {
                   return c.is_resize ? c.size <= offset
                                      : c.offset <= offset && offset < c.offset + c.data.size();
               });
}

void inode::rot(std::uint64_t offset, unsigned bit, std::size_t damage) {
    content_.flip(offset, bit, damage);
    durable_.flip(offset, bit, damage);
}

std::vector<std::size_t> inode::damage_in(std::uint64_t offset, std::uint64_t size) const {
    std::vector<std::size_t> found;
    for (const flaw& whole : content_.flaws()) {
        const auto f = clipped(whole, offset, std::min(offset + size, content_.size()));
        if (!f || (!f->right.empty() &&
                   std::memcmp(f->right.data(), content_.bytes().data() + f->offset, f->size) == 0))
            continue;
        if (std::find(found.begin(), found.end(), f->damage) == found.end())
            found.push_back(f->damage);
    }
    return found;
}

void inode::each_flaw(const range_function& see) const {
    for (const flaw& f : durable_.flaws())
        see(f.offset, f.offset + f.size);
    std::uint64_t mark = first_pending_;
    for (std::size_t i = 0; i < pending_.size(); ++i) {
        for (const flaw& f : pending_[i].flaws)
            see(f.offset, f.offset + f.size);
        if (pending_[i].pretended)
            mark = first_pending_ + i + 1;
    }
    each_pending(mark, see);
}

}  // namespace squall::simulator
