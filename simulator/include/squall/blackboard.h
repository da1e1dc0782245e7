// What processes publish of their state, typed, for invariants that look at all of them at once.
//
//   struct replica_view { std::uint64_t term; bool leader; };
//   self.publish(replica_view{term, leader});                          // in a process, whenever it changes
//   simulation.invariant("one leader a term", [](const squall::blackboard& all) {
//       std::map<std::uint64_t, int> leaders;
//       for (const auto& [name, view] : all.every<replica_view>())
//           if (view->leader)
//               SQUALL_ALWAYS(++leaders[view->term] <= 1, "a term has one leader", "term", view->term);
//   });
//
// Publishing costs the program nothing but the copy, is no event and changes no decision. What a process has
// published goes with its boot.
#ifndef SQUALL_BLACKBOARD_H
#define SQUALL_BLACKBOARD_H

#include <any>
#include <map>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>
#include <vector>

namespace squall {

class blackboard {
public:
    // The last value of that type which the process published; null if there is none.
    template <class T>
    const T* of(std::string_view process) const {
        const auto all = values_.find(typeid(T));
        if (all == values_.end())
            return nullptr;
        const auto found = all->second.find(process);
        return found == all->second.end() ? nullptr : std::any_cast<T>(&found->second);
    }
    // The values of that type, by the name of their process.
    template <class T>
    std::vector<std::pair<std::string, const T*>> every() const {
        std::vector<std::pair<std::string, const T*>> found;
        if (const auto all = values_.find(typeid(T)); all != values_.end())
            for (const auto& [process, value] : all->second)
                found.emplace_back(process, std::any_cast<T>(&value));
        return found;
    }

    template <class T>
    void put(const std::string& process, T value) {
        values_[typeid(T)][process] = std::move(value);
    }
    void forget(const std::string& process) {
        for (auto& [type, all] : values_)
            all.erase(process);
    }

private:
    // Looked up by type, never walked through: the order of types differs between builds.
    std::map<std::type_index, std::map<std::string, std::any, std::less<>>> values_;
};

}  // namespace squall

#endif  // SQUALL_BLACKBOARD_H
