// RUN: %lint %s %t
#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <vector>

struct node {
    int id;
};
struct by_id {
    bool operator()(const node* a, const node* b) const { return a->id < b->id; }
};
std::set<node*> a;                                    // finds pointer-order
std::map<const node*, int, std::greater<>> b;         // finds pointer-order
std::priority_queue<node*> c;                         // finds pointer-order
void d(std::vector<node*>& v, node** begin, node** end) {
    std::sort(v.begin(), v.end());   // finds pointer-order
    std::stable_sort(begin, end);    // finds pointer-order
}

// What must stay silent: pointers as values, and orders of the user's own.
std::map<int, node*> e;
std::set<node*, by_id> f;
std::vector<node*> g;
void h(std::vector<node*>& v, std::vector<int>& numbers, const char* begin, const char* end) {
    std::sort(v.begin(), v.end(), by_id());
    std::sort(numbers.begin(), numbers.end());
    while (begin < end)
        ++begin;
}
