// What happens to pieces of memory that do not go the usual way.
#include <squall/operation_memory.h>

namespace squall::detail {
namespace {

// So many pieces of one size.
constexpr std::uint32_t most_kept = 64;

// Frees what is kept when its thread ends; what comes after that is freed at once.
struct end_of_thread {
    ~end_of_thread() {
        for (kept_pieces::shelf& shelf : pieces_of_thread.shelves) {
            shelf.room = 0;
            while (kept_pieces::piece* const first = shelf.first) {
                shelf.first = first->next;
                ::operator delete(first);
            }
        }
    }
};

}  // namespace

void free_piece(void* memory, std::size_t index) noexcept {
    if (!keeps_memory || index >= kept_pieces::sizes || pieces_of_thread.asked) {
        ::operator delete(memory);
        return;
    }
    pieces_of_thread.asked = true;
    static thread_local end_of_thread at_the_end;
    static_cast<void>(&at_the_end);
    for (kept_pieces::shelf& shelf : pieces_of_thread.shelves)
        shelf.room = most_kept;
    give_piece(memory, kept_pieces::capacity(index));
}

}  // namespace squall::detail
