#include "placement.h"

#include <squall/text_hash.h>

#include <algorithm>

namespace squall::actors::detail {
namespace {

// Weight of a node for a key: the node of the greatest has it, so that a node that comes or goes moves no
// other's keys (D. G. Thaler and C. V. Ravishankar, "Using name-based mappings to increase hit rates", 1998).
std::uint64_t weight(const actor_id& actor, const node_id& node) {
    const std::string text = node.address.ip + static_cast<char>(node.address.port & 0xff) +
                             static_cast<char>(node.address.port >> 8) + actor.type + '\0' + actor.key;
    std::uint64_t mixed = text_hash(text);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;  // splitmix64's finaliser
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

}  // namespace

std::optional<node_id> choose_node(const actor_id& actor, const type_options& options,
                                   const std::vector<member>& members, const node_id& self,
                                   random_source& random) {
    std::vector<const member*> fitting;
    for (const member& each : members) {
        if (options.tag.empty() ||
            std::find(each.tags.begin(), each.tags.end(), options.tag) != each.tags.end())
            fitting.push_back(&each);
    }
    if (fitting.empty())
        return std::nullopt;
    const auto any = [&] { return fitting.size() == 1 ? fitting[0] : fitting[random() % fitting.size()]; };
    switch (options.place) {
        case placement::local:
            for (const member* each : fitting)
                if (each->node == self)
                    return self;
            break;
        case placement::hash: {
            const auto greatest =
                std::max_element(fitting.begin(), fitting.end(), [&](const member* a, const member* b) {
                    return weight(actor, a->node) < weight(actor, b->node);
                });
            return (*greatest)->node;
        }
        case placement::least_loaded: {
            // M. Mitzenmacher, "The power of two choices in randomized load balancing", 2001.
            const member* one = any();
            const member* other = any();
            return (one->activations <= other->activations ? one : other)->node;
        }
        case placement::random:
            break;
    }
    return any()->node;
}

}  // namespace squall::actors::detail
