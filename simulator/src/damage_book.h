// All damage that disk faults did in a world, and the budget that bounds it.
//
// The budget is as in TigerBeetle's fault atlas: of one datum at most f copies may be damaged over the
// processes of a group, so that a system which survives that much has no excuse. It is asked before each
// fault and counts what is there then: damage that was overwritten for good, or went with its file, is not.
#ifndef SQUALL_SIMULATOR_DAMAGE_BOOK_H
#define SQUALL_SIMULATOR_DAMAGE_BOOK_H

#include <squall/damage.h>
#include <squall/world.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace squall::simulator {

class inode;

class damage_book {
public:
    using datum_function = std::function<std::string(const process&, const std::string&, std::uint64_t)>;

    explicit damage_book(world_state& owner) : world_(owner) {}

    void set_budget(int group, std::uint32_t copies) { budgets_[group] = copies; }
    void set_datum(datum_function f) { datum_ = std::move(f); }

    // Whether [from, to) of the file may be damaged in this process too.
    bool allows(const process_state& p, const std::string& path, std::uint64_t from, std::uint64_t to) const;

    // Whether its whole disk may be lost too. A wiped disk counts as a damaged copy of everything for the
    // rest of the run: nobody knows when it holds again what it should.
    bool allows_wipe(const process_state& p) const;

    std::size_t next() const noexcept { return all_.size(); }
    // Its number, which is next().
    std::size_t enter(const process_state& p, inode& file, damage what);
    void delivered(const std::vector<std::size_t>& numbers);
    // A program noticed: what it was brought of that range is detected.
    void noticed(const process_state& p, const inode& file, std::uint64_t offset, std::uint64_t size);

    const std::vector<damage>& all() const noexcept { return all_; }

private:
    struct span {
        const process_state* owner;
        std::uint64_t from, to;
    };

    std::uint32_t budget_of(int group) const;
    bool allows_by_path(const process_state& p, const std::string& path, std::uint64_t from, std::uint64_t to,
                        std::uint32_t budget) const;
    bool allows_by_datum(const process_state& p, const std::string& path, std::uint64_t from,
                         std::uint64_t to, std::uint32_t budget) const;

    world_state& world_;
    std::map<int, std::uint32_t> budgets_;
    datum_function datum_;
    std::vector<damage> all_;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_DAMAGE_BOOK_H
