// How a thread's kept pieces begin and end.
#include <squall/kept_memory.h>

namespace squall::detail {

// Its construction makes room on the thread's shelves; what comes after its end is freed at once.
struct kept_memory::emptied_at_end {
    emptied_at_end() noexcept {
        for (std::size_t i = 0; i < sizes; ++i)
            shelves_[i].room = static_cast<std::uint32_t>(kept_of / capacity(i));
    }
    ~emptied_at_end() {
        for (shelf& each : shelves_) {
            each.room = 0;
            while (piece* const gone = each.first) {
                each.first = gone->next;
                ::operator delete(gone);
            }
        }
    }
};

void kept_memory::put_on_full(void* memory, std::size_t index) noexcept {
    static thread_local const emptied_at_end here;  // made by the thread's first piece
    static_cast<void>(&here);
    if (shelves_[index].room != 0)
        put(memory, index);
    else
        ::operator delete(memory);
}

}  // namespace squall::detail
