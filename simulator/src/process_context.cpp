// What programs and workloads know of themselves and their surroundings.
#include <squall/process_context.h>

#include "waiters.h"
#include "world_state.h"

#include <algorithm>

namespace squall {

const std::vector<asio::ip::address>& process_context::peers(const std::string& group) const {
    static const std::vector<asio::ip::address> none;
    const auto found = groups_->find(group);
    return found == groups_->end() ? none : found->second;
}

asio::awaitable<void> process_context::stop_requested() {
    simulator::process_state& mine = *process_->state_;
    return simulator::until(executor(), mine.stop_waiters, mine.stopping, true);
}
asio::awaitable<void> process_context::chaos_ended() {
    return simulator::until(executor(), *chaos_waiters_, *chaos_, false);
}

const peer* topology::find(std::string_view name) const {
    const auto found = std::ranges::find(all_, name, &peer::name);
    return found == all_.end() ? nullptr : &*found;
}
const peer* topology::at(const asio::ip::address& address) const {
    const auto found = std::ranges::find(all_, address, &peer::address);
    return found == all_.end() ? nullptr : &*found;
}

namespace {

template <class Fits>
std::vector<const peer*> those(const std::vector<peer>& all, Fits fits) {
    std::vector<const peer*> found;
    for (const peer& p : all)
        if (fits(p))
            found.push_back(&p);
    return found;
}

}  // namespace

std::vector<const peer*> topology::group(std::string_view name) const {
    return those(all_, [&](const peer& p) { return p.group == name; });
}
std::vector<const peer*> topology::in_zone(std::string_view zone) const {
    return those(all_, [&](const peer& p) { return p.where.zone == zone; });
}
std::vector<const peer*> topology::in_datacenter(std::string_view datacenter) const {
    return those(all_, [&](const peer& p) { return p.where.datacenter == datacenter; });
}
std::vector<const peer*> topology::on_machine(std::string_view machine) const {
    return those(all_, [&](const peer& p) { return p.where.machine == machine; });
}
std::vector<const peer*> topology::tagged(std::string_view key, std::string_view value) const {
    return those(all_, [&](const peer& p) {
        const auto found = p.tags.find(std::string(key));
        return found != p.tags.end() && found->second == value;
    });
}

bool process_context::stopping() const {
    return process_->state_->stopping;
}

}  // namespace squall
