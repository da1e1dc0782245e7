// RUN: %lint %s %t
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>

int a(const std::unordered_map<std::string, int>& ages) {
    int last = 0;
    for (const auto& [name, age] : ages)  // finds unordered-iteration
        last = age;
    std::unordered_set<int> set;
    for (auto it = set.begin(); it != set.end(); ++it)  // finds unordered-iteration
        last = *it;
    return last;
}
template <class T>
void b(std::unordered_multimap<T, T>& t) {
    for (auto& each : t)  // finds unordered-iteration
        each.second = T();
}
struct registry {
    std::unordered_map<int, int> all;
    void visit() {
        for (auto& each : all)  // finds unordered-iteration
            each.second++;
    }
};

// What must stay silent: look-ups, and containers with an order of their own.
int c(std::unordered_map<int, int>& m, std::map<int, int>& ordered) {
    int sum = m.count(1) + m[2];
    if (auto found = m.find(3); found != m.end())
        sum += found->second;
    for (auto& each : ordered)
        sum += each.second;
    return sum;
}
