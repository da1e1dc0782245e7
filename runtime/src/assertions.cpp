// Slow paths of the assertion macros.
#include <squall/assertions.h>

#include <squall/catalog.h>
#include <squall/run.h>
#include <squall/text_hash.h>

#include <string>

namespace squall::detail {
namespace {

std::uint32_t index_of(assertion_place& place) noexcept {
    std::uint32_t index = __atomic_load_n(&place.index, __ATOMIC_RELAXED);
    if (index != 0)
        return index;
    // The same bytes as the record's text: rule, file, function, message, each with its zero.
    std::string text(to_string(place.kind));
    text.push_back('\0');
    text.append(place.file).push_back('\0');
    text.push_back('\0');
    text.append(place.message).push_back('\0');
    index = catalog_find(text_hash(text));
    __atomic_store_n(&place.index, index, __ATOMIC_RELAXED);
    return index;
}

}  // namespace

bool in_run() noexcept {
    return current_run() != nullptr;
}

void evaluated(assertion_place& place, bool held) noexcept {
    auto* run = current_run();
    if (run == nullptr)
        return;
    if (const auto index = index_of(place); index != 0)
        run->count_assertion(index, held);
}

void violated(assertion_place& place, std::string details) {
    evaluated(place, false);
    std::string text = place.message;
    if (!details.empty())
        text += " (" + details + ")";
    if (auto* run = current_run())
        run->violate(
            {place.message, std::string(place.file) + ":" + std::to_string(place.line), std::move(details)});
    throw assertion_violation(std::move(text));
}

}  // namespace squall::detail
