// The data of one file: what a program reads, what is on the medium, what lies between, and what is damaged.
//
// A write changes the content at once and is pending until a sync that began after it has ended. A flaw is a
// range whose bytes are not those that should be there; it moves with the bytes, goes when they are
// overwritten, and comes back when a crash undoes that.
#ifndef SQUALL_SIMULATOR_INODE_H
#define SQUALL_SIMULATOR_INODE_H

#include <squall/faults.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace squall::simulator {

inline constexpr std::uint64_t sector_size = 512;  // what drives write atomically

struct flaw {
    std::uint64_t offset;
    std::uint64_t size;
    std::vector<char> right;  // what should be there; empty: nothing could be right
    std::size_t damage;       // its number in the damage book
};

// The choices of a crash, and what it damages.
class crash_sink {
public:
    // Whether this loss happens, and records it.
    virtual bool loses(std::string_view kind, std::uint64_t stream, std::uint64_t index,
                       std::string detail) = 0;
    virtual bool may_damage(const std::string& path, std::uint64_t offset, std::uint64_t size) = 0;
    // Enters a damage into the book; its number.
    virtual std::size_t damaged(class inode& file, const std::string& path, std::uint64_t offset,
                                std::uint64_t size, std::string_view kind, std::uint64_t decision) = 0;
    virtual std::uint64_t decision(std::string_view kind, std::uint64_t stream, std::uint64_t index) = 0;

protected:
    ~crash_sink() = default;
};

// Bytes, and the flaws in them; a flaw may lie beyond their end, where bytes are missing.
class image {
public:
    const std::vector<char>& bytes() const noexcept { return bytes_; }
    const std::vector<flaw>& flaws() const noexcept { return flaws_; }
    std::uint64_t size() const noexcept { return bytes_.size(); }

    void write(std::uint64_t offset, const std::vector<char>& data, const std::vector<flaw>& flaws);
    void resize(std::uint64_t size);
    // That these bytes should be there, and are not; by sectors, those that differ.
    void lack(std::uint64_t offset, const std::vector<char>& right, std::size_t damage);
    // That nothing should be there.
    void exceed(std::uint64_t offset, std::uint64_t size, std::size_t damage);
    // Changes one bit.
    void flip(std::uint64_t offset, unsigned bit, std::size_t damage);
    bool flawed(std::uint64_t from, std::uint64_t to) const noexcept;

private:
    void forget_flaws(std::uint64_t from, std::uint64_t to);

    std::vector<char> bytes_;
    std::vector<flaw> flaws_;
};

// The flaws of `right` data where `actual` bytes stand: the sectors that differ. Bytes that `actual` has not
// differ.
std::vector<flaw> flaws_between(std::uint64_t offset, const std::vector<char>& actual,
                                const std::vector<char>& right, std::size_t damage);

class inode {
public:
    std::uint64_t size() const noexcept { return content_.size(); }
    // Bytes copied, 0 at or past the end.
    std::size_t read(std::uint64_t offset, void* to, std::size_t count) const noexcept;
    // The same as a vector of exactly that size, zeros past the end.
    std::vector<char> bytes(std::uint64_t offset, std::size_t count) const;
    void write(std::uint64_t offset, std::vector<char> data, std::vector<flaw> flaws = {});
    void resize(std::uint64_t size);

    // A sync covers what was pending when it began.
    std::uint64_t pending_mark() const noexcept { return first_pending_ + pending_.size(); }
    void make_durable(std::uint64_t mark);
    // A sync that only said so: what a crash takes of it is damage, of this decision.
    void pretend_durable(std::uint64_t mark, std::uint64_t decision);
    using range_function = std::function<void(std::uint64_t from, std::uint64_t to)>;
    // What a sync up to the mark is to change on the medium.
    void each_pending(std::uint64_t mark, const range_function& see) const;

    // Loses what is pending, but for what survives by chance: whole writes, or some of their sectors. Its
    // choices are those of `stream`.
    void crash(const storage_faults& faults, std::uint64_t seed, std::uint64_t stream,
               const std::string& path, crash_sink& sink);

    // Whether the content's byte there is the medium's.
    bool on_medium(std::uint64_t offset) const noexcept;
    void rot(std::uint64_t offset, unsigned bit, std::size_t damage);
    // Whether a program that reads this finds a flaw.
    bool flawed(std::uint64_t from, std::uint64_t to) const noexcept { return content_.flawed(from, to); }
    // Damages whose wrong bytes are in that range of the content.
    std::vector<std::size_t> damage_in(std::uint64_t offset, std::uint64_t size) const;
    // All that is, may become or may come back as damage: on the medium, in what is pending (the content's is
    // of these), and what a sync only said to have made durable.
    void each_flaw(const range_function& see) const;

    std::uint32_t handles = 0;             // open ones
    std::vector<std::size_t> all_damages;  // that it ever had, by their numbers

private:
    struct change {
        std::uint64_t offset;
        std::uint64_t size;  // of the file, for a resize
        std::vector<char> data;
        bool is_resize;
        std::vector<flaw> flaws = {};
        bool pretended = false;      // a sync said that it was durable,
        std::uint64_t decision = 0;  // by this decision
    };
    enum class fate : std::uint8_t { survives, lost, garbled };
    struct part {
        std::uint64_t from, to;
        fate what;
    };

    static void apply(image& to, const change& c);
    static std::vector<part> parts_of(const change& c);
    void crash_write(const change& c, std::uint64_t ordinal, const storage_faults& faults, std::uint64_t seed,
                     std::uint64_t stream, const std::string& path, crash_sink& sink);
    void crash_resize(const change& c, std::uint64_t ordinal, const storage_faults& faults,
                      std::uint64_t seed, std::uint64_t stream, const std::string& path, crash_sink& sink);

    image content_;
    image durable_;
    std::vector<change> pending_;
    std::uint64_t first_pending_ = 0;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_INODE_H
