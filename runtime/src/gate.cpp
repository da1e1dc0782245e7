// The gate words.
#include "gate.h"

#include <squall/site.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace squall {
namespace {

struct gates {
    std::mutex mutex;
    std::vector<int*> words;  // one of each module
    int opened = 0;

    void write(int value) {
        for (int* word : words)
            __atomic_store_n(word, value, __ATOMIC_RELAXED);
    }
};

// Never destroyed: modules register before main.
gates& all_gates() {
    static auto* instance = new gates;
    return *instance;
}

}  // namespace

void open_gate() noexcept {
    gates& all = all_gates();
    const std::lock_guard lock(all.mutex);
    if (all.opened++ == 0)
        all.write(1);
}

void close_gate() noexcept {
    gates& all = all_gates();
    const std::lock_guard lock(all.mutex);
    if (--all.opened == 0)
        all.write(0);
}

}  // namespace squall

extern "C" void squall_register_gate(int* gate) noexcept {
    auto& all = squall::all_gates();
    const std::lock_guard lock(all.mutex);
    if (std::find(all.words.begin(), all.words.end(), gate) != all.words.end())
        return;
    all.words.push_back(gate);
    __atomic_store_n(gate, all.opened > 0 ? 1 : 0, __ATOMIC_RELAXED);
}
