#include "cuts.h"

#include <algorithm>

namespace squall::simulator {

bool cuts::cut::holds(std::uint32_t process) const noexcept {
    return std::binary_search(side.begin(), side.end(), process);
}

partition_id cuts::add(std::vector<std::uint32_t> side, bool outgoing, bool incoming) {
    std::sort(side.begin(), side.end());
    side.erase(std::unique(side.begin(), side.end()), side.end());
    const partition_id name{++last_};
    cut& added = all_[name];
    added.side = std::move(side);
    added.outgoing = outgoing;
    added.incoming = incoming;
    if (!added.side.empty() && of_process_.size() <= added.side.back())
        of_process_.resize(added.side.back() + 1);
    for (const std::uint32_t p : added.side)
        of_process_[p].push_back(&added);
    return name;
}

void cuts::forget(const cut& gone) {
    for (const std::uint32_t p : gone.side)
        std::erase(of_process_[p], &gone);
}

void cuts::remove(partition_id name, way_list& freed) {
    const auto found = all_.find(name);
    if (found == all_.end())
        return;
    freed.splice(freed.end(), found->second.stopped);
    forget(found->second);
    all_.erase(found);
}

void cuts::remove_all(way_list& freed) {
    for (auto& [name, each] : all_) {
        freed.splice(freed.end(), each.stopped);
        forget(each);
    }
    all_.clear();
}

way_list* cuts::look(std::uint32_t from, std::uint32_t to) {
    if (from < of_process_.size())
        for (cut* each : of_process_[from])
            if (each->outgoing && !each->holds(to))
                return &each->stopped;
    if (to < of_process_.size())
        for (cut* each : of_process_[to])
            if (each->incoming && !each->holds(from))
                return &each->stopped;
    return nullptr;
}

}  // namespace squall::simulator
