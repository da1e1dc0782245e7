// Registration of site records, and the catalog made of them.
#include <squall/catalog.h>

#include <squall/text_hash.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace squall {
namespace {

struct registry {
    std::mutex mutex;
    std::vector<const site_record*> modules;  // begin of each registered range
    std::vector<catalog_entry> entries;
    std::vector<std::vector<site_record*>>
        records;  // by index - 1; several where a place was emitted more than once
    std::map<std::uint64_t, std::uint32_t> by_id;
    std::vector<std::string> errors;
};

// Never destroyed: modules register before main and sites may be evaluated after it.
registry& the_registry() {
    static auto* instance = new registry;
    return *instance;
}

constexpr unsigned char supported_version = 1;

std::optional<catalog_entry> read(const site_record& record) {
    catalog_entry entry{};
    const char* text = reinterpret_cast<const char*>(&record) + sizeof(site_record);
    const char* const end = reinterpret_cast<const char*>(&record) + record.size;
    std::string_view* const fields[] = {&entry.rule, &entry.file, &entry.function, &entry.detail};
    const char* at = text;
    for (auto* field : fields) {
        const auto* stop = static_cast<const char*>(std::memchr(at, 0, static_cast<std::size_t>(end - at)));
        if (stop == nullptr)
            return std::nullopt;
        *field = std::string_view(at, static_cast<std::size_t>(stop - at));
        at = stop + 1;
    }
    entry.kind = record.kind;
    entry.line = record.line;
    entry.id =
        record.id != 0 ? record.id : text_hash(std::string_view(text, static_cast<std::size_t>(at - text)));
    return entry;
}

void add(registry& all, site_record& record) {
    auto entry = read(record);
    if (!entry) {
        all.errors.push_back("a site record without four text fields, at line " +
                             std::to_string(record.line));
        return;
    }
    const auto known = all.by_id.find(entry->id);
    if (known == all.by_id.end()) {
        entry->index = static_cast<std::uint32_t>(all.entries.size() + 1);
        all.by_id.emplace(entry->id, entry->index);
        all.entries.push_back(*entry);
        all.records.push_back({&record});
        record.index = entry->index;
        record.id = entry->id;
        return;
    }
    const catalog_entry& first = all.entries[known->second - 1];
    if (first.rule != entry->rule || first.file != entry->file || first.function != entry->function ||
        first.detail != entry->detail) {
        all.errors.push_back("one id for two places: " + std::string(first.file) + ":" +
                             std::to_string(first.line) + " and " + std::string(entry->file) + ":" +
                             std::to_string(entry->line));
        return;
    }
    record.index = known->second;
    record.id = entry->id;
    // An assertion is named by its message: two of one message would be counted as one.
    if (is_assertion(entry->kind) && first.line != entry->line) {
        std::string error = "one message for two assertions: " + std::string(first.file) + ":" +
                            std::to_string(first.line) + " and " + std::string(entry->file) + ":" +
                            std::to_string(entry->line) + ": \"" + std::string(entry->detail) + "\"";
        if (std::find(all.errors.begin(), all.errors.end(), error) == all.errors.end())  // inlined copies
            all.errors.push_back(std::move(error));
    }
    all.records[known->second - 1].push_back(&record);
}

void add_module(registry& all, site_record* begin, site_record* end) {
    char* at = reinterpret_cast<char*>(begin);
    char* const stop = reinterpret_cast<char*>(end);
    while (at < stop) {
        auto& record = *reinterpret_cast<site_record*>(at);
        const bool sound = record.size > sizeof(site_record) && record.size % 32 == 0 &&
                           record.size <= static_cast<std::size_t>(stop - at) &&
                           record.version == supported_version;
        if (!sound) {
            all.errors.push_back("the section squall_sites is damaged " +
                                 std::to_string(at - reinterpret_cast<char*>(begin)) +
                                 " bytes after its start (or written by another version of squall)");
            return;
        }
        add(all, record);
        at += record.size;
    }
}

}  // namespace

std::vector<catalog_entry> catalog() {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    return all.entries;
}

std::uint32_t catalog_size() noexcept {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    return static_cast<std::uint32_t>(all.entries.size());
}

std::uint32_t catalog_find(std::uint64_t id) noexcept {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    const auto found = all.by_id.find(id);
    return found == all.by_id.end() ? 0 : found->second;
}

std::vector<std::string_view> catalog_errors() {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    return {all.errors.begin(), all.errors.end()};
}

std::vector<std::uint32_t> coverage_reached() {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    std::vector<std::uint32_t> reached;
    for (const auto& entry : all.entries) {
        if (entry.kind != site_kind::coverage)
            continue;
        const auto& copies = all.records[entry.index - 1];
        if (std::any_of(copies.begin(), copies.end(), [](const site_record* copy) {
                return __atomic_load_n(&copy->hit, __ATOMIC_RELAXED) != 0;
            }))
            reached.push_back(entry.index);
    }
    return reached;
}

void coverage_reset() noexcept {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    for (auto& copies : all.records)
        for (auto* copy : copies)
            __atomic_store_n(&copy->hit, static_cast<unsigned char>(0), __ATOMIC_RELAXED);
}

std::string_view to_string(site_kind kind) noexcept {
    switch (kind) {
        case site_kind::error_return:
            return "error-return";
        case site_kind::duration:
            return "duration";
        case site_kind::coverage:
            return "coverage";
        case site_kind::buggify:
            return "buggify";
        case site_kind::knob:
            return "knob";
        case site_kind::always:
            return "always";
        case site_kind::always_or_unreachable:
            return "always-or-unreachable";
        case site_kind::sometimes:
            return "sometimes";
        case site_kind::reachable:
            return "reachable";
        case site_kind::unreachable:
            return "unreachable";
    }
    return "unknown";
}

}  // namespace squall

extern "C" void squall_register(squall::site_record* begin, squall::site_record* end) noexcept {
    auto& all = squall::the_registry();
    const std::lock_guard lock(all.mutex);
    if (std::find(all.modules.begin(), all.modules.end(), begin) != all.modules.end())
        return;
    all.modules.push_back(begin);
    squall::add_module(all, begin, end);
}
