// How a thread's free pieces begin and end.
#include "kept_memory.h"

namespace squall::simulator {

kept_memory::emptied_at_end::emptied_at_end() noexcept {
    for (std::size_t i = 1; i < shelves_.of_size.size(); ++i)
        shelves_.of_size[i].most = static_cast<std::uint32_t>(kept_of / (i * grain));
}

kept_memory::emptied_at_end::~emptied_at_end() {
    for (shelf& each : shelves_.of_size) {
        each.most = 0;
        while (each.first != nullptr) {
            piece* const gone = each.first;
            each.first = gone->next;
            ::operator delete(gone);
        }
        each.count = 0;
    }
}

void kept_memory::put_on_full(shelf& on, void* memory) noexcept {
    static thread_local const emptied_at_end here;  // made by the thread's first piece
    static_cast<void>(&here);
    if (on.count < on.most)
        put(on, memory);
    else
        ::operator delete(memory);
}

}  // namespace squall::simulator
