// Registration of site records, and the catalog made of them.
#include "antithesis_output.h"
#include "registry.h"

#include <squall/site_text.h>
#include <squall/text_hash.h>

#include <algorithm>

namespace squall {
namespace {

void complain(registry& all, std::string error) {
    if (std::find(all.errors.begin(), all.errors.end(), error) == all.errors.end())  // inlined copies
        all.errors.push_back(std::move(error));
}

std::string place_of(const catalog_entry& entry) {
    return std::string(entry.file) + ":" + std::to_string(entry.line);
}

void add(registry& all, site_record& record, catalog_entry entry) {
    const auto known = all.by_id.find(entry.id);
    if (known == all.by_id.end()) {
        entry.index = static_cast<std::uint32_t>(all.entries.size() + 1);
        all.by_id.emplace(entry.id, entry.index);
        all.entries.push_back(entry);
        all.records.push_back({&record});
        record.index = entry.index;
        record.id = entry.id;
    } else {
        const catalog_entry& first = all.entries[known->second - 1];
        if (first.rule != entry.rule || first.file != entry.file || first.detail != entry.detail ||
            (first.function != entry.function && record.id != 0)) {
            complain(all, "one id for two places: " + place_of(first) + " and " + place_of(entry));
            return;
        }
        // Hand-written places are known by their message or name: two of one would be counted as one.
        if (record.id == 0 && first.line != entry.line)
            complain(all, "one message for two places: " + place_of(first) + " and " + place_of(entry) +
                              ": \"" + std::string(entry.detail) + "\"");
        record.index = known->second;
        record.id = entry.id;
        all.records[known->second - 1].push_back(&record);
    }
    if (!entry.detail.empty() && entry.detail.front() == '#')
        all.unnamed.emplace(registry::unnamed_key(entry.rule, entry.file, entry.line), record.index);
}

// The records of a range, up to the first that is none.
std::vector<site_record*> records_in(registry& all, site_record* begin, site_record* end) {
    std::vector<site_record*> found;
    char* at = reinterpret_cast<char*>(begin);
    char* const stop = reinterpret_cast<char*>(end);
    while (at < stop) {
        auto& record = *reinterpret_cast<site_record*>(at);
        const bool sound = record.size > sizeof(site_record) && record.size % 32 == 0 &&
                           record.size <= static_cast<std::size_t>(stop - at) &&
                           record.version == site_record_version;
        if (!sound) {
            complain(all, "the section squall_sites is damaged " +
                              std::to_string(at - reinterpret_cast<char*>(begin)) +
                              " bytes after its start (or written by another version of squall)");
            break;
        }
        found.push_back(&record);
        at += record.size;
    }
    return found;
}

void add_marks(registry& all, const std::vector<site_record*>& records) {
    registry::marks module{{nullptr, nullptr}, {}};
    for (const site_record* record : records) {
        if (record->counter == nullptr)
            continue;
        if (module.range.begin == nullptr || record->counter < module.range.begin)
            module.range.begin = record->counter;
        if (module.range.end == nullptr || record->counter >= module.range.end)
            module.range.end = record->counter + 1;
    }
    if (module.range.begin == nullptr)
        return;
    module.index.resize(static_cast<std::size_t>(module.range.end - module.range.begin));
    for (const site_record* record : records)
        if (record->counter != nullptr)
            module.index[static_cast<std::size_t>(record->counter - module.range.begin)] = record->index;
    all.mark_counters.push_back(std::move(module));
}

void add_module(registry& all, site_record* begin, site_record* end) {
    std::vector<site_record*> records;
    std::vector<raw_site> raw;
    for (site_record* record : records_in(all, begin, end)) {
        const auto text = read_site_text({reinterpret_cast<const char*>(record) + sizeof(site_record),
                                          record->size - sizeof(site_record)});
        if (!text) {
            complain(all, "a site record without four text fields, at line " + std::to_string(record->line));
            continue;
        }
        records.push_back(record);
        raw.push_back({record->kind, record->id, record->line, *text});
    }
    for (resolved_site& site : resolve_sites(raw)) {
        const raw_site& from = raw[site.raw];
        catalog_entry entry{0,
                            site.id,
                            from.kind,
                            from.line,
                            from.text.rule,
                            from.text.file,
                            from.text.function,
                            from.text.detail};
        if (site.function != entry.function)
            entry.function = all.texts.emplace_back(std::move(site.function));
        if (site.detail != entry.detail)
            entry.detail = all.texts.emplace_back(std::move(site.detail));
        add(all, *records[site.raw], entry);
    }
    add_marks(all, records);
}

}  // namespace

registry& the_registry() {
    static auto* instance = new registry;
    return *instance;
}

std::uint64_t registry::unnamed_key(std::string_view rule, std::string_view file, std::uint32_t line) {
    std::string text(rule);
    text.push_back('\0');
    text.append(file).push_back('\0');
    return text_hash(text + std::to_string(line));
}

site_record* record_of(site_place& place) noexcept {
    site_record* known = __atomic_load_n(&place.record, __ATOMIC_ACQUIRE);
    if (known != nullptr)
        return known;
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    std::uint32_t index = 0;
    if (*place.detail == 0 && (place.kind == site_kind::buggify || place.kind == site_kind::knob)) {
        const auto found = all.unnamed.find(registry::unnamed_key(place.rule, place.file, place.line));
        index = found == all.unnamed.end() ? 0 : found->second;
    } else {
        // The same bytes as the record's text: rule, file, function, detail, each with its zero.
        std::string text(place.rule);
        text.push_back('\0');
        text.append(place.file).push_back('\0');
        text.push_back('\0');
        text.append(place.detail).push_back('\0');
        const auto found = all.by_id.find(text_hash(text));
        index = found == all.by_id.end() ? 0 : found->second;
    }
    if (index == 0)
        return nullptr;
    __atomic_store_n(&place.index, index, __ATOMIC_RELAXED);
    __atomic_store_n(&place.record, all.records[index - 1].front(), __ATOMIC_RELEASE);
    return all.records[index - 1].front();
}

std::uint32_t index_of(site_place& place) noexcept {
    return record_of(place) == nullptr ? 0 : __atomic_load_n(&place.index, __ATOMIC_RELAXED);
}

std::vector<catalog_entry> catalog() {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    return all.entries;
}

catalog_entry catalog_at(std::uint32_t index) noexcept {
    auto& all = the_registry();
    const std::lock_guard lock(all.mutex);
    return index == 0 || index > all.entries.size() ? catalog_entry{} : all.entries[index - 1];
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
        case site_kind::short_io:
            return "short-io";
        case site_kind::delay:
            return "delay";
        case site_kind::skip:
            return "skip";
        case site_kind::exception:
            return "exception";
        case site_kind::answer_lost:
            return "answer-lost";
        case site_kind::allocation:
            return "allocation";
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
        case site_kind::sometimes_each:
            return "sometimes-each";
        case site_kind::function_name:
            break;
    }
    return "unknown";
}

}  // namespace squall

extern "C" void squall_register(squall::site_record* begin, squall::site_record* end) noexcept {
    auto& all = squall::the_registry();
    std::size_t before = 0;
    {
        const std::lock_guard lock(all.mutex);
        if (std::find(all.modules.begin(), all.modules.end(), begin) != all.modules.end())
            return;
        all.modules.push_back(begin);
        before = all.entries.size();
        squall::add_module(all, begin, end);
    }
    squall::antithesis::declare_from(before);
}
