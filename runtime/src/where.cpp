// A site in words, and the end of a process there.
#include "where.h"

#include <squall/catalog.h>

#include <cstdio>
#include <cstdlib>

namespace squall::detail {

std::string where(std::uint32_t index) {
    const catalog_entry entry = catalog_at(index);
    std::string text(entry.function);
    if (entry.kind == site_kind::buggify || entry.kind == site_kind::knob)
        text += (text.empty() ? "" : " ") + std::string(entry.detail);
    return text + " (" + std::string(entry.file) + ":" + std::to_string(entry.line) + ")";
}

void panic_at(std::uint32_t index) {
    std::fprintf(stderr, "squall: panic, by an override, at %s\n", where(index).c_str());
    std::abort();
}

}  // namespace squall::detail
