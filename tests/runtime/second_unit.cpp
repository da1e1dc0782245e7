// The second translation unit with the shared places.
#include "shared_places.h"

#include <string>

namespace places {

int use_there(int value) {
    // Several calls, so that inlining makes several copies of each place in this object file.
    int sum = shared_inline(value) + shared_inline(value + 1) + shared_inline(value + 2);
    sum += shared_lambda(value) + shared_lambda(sum);
    sum += static_cast<int>(shared_template(value)) + static_cast<int>(shared_template(2.5));
    shared_class<std::string> text("there");
    return sum + static_cast<int>(text.value.size()) + (shared_fire() ? 1 : 0);
}

const void* site_there() {
    return &squall_site_51a0000000000001;
}

}  // namespace places
