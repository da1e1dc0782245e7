// All records and counters of the process.
#ifndef SQUALL_RUNTIME_REGISTRY_H
#define SQUALL_RUNTIME_REGISTRY_H

#include <squall/catalog.h>
#include <squall/place.h>

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace squall {

struct registry {
    // A module's counters of one source.
    struct counters {
        unsigned char* begin;
        unsigned char* end;
    };

    // A module's marks: the part of its section `squall_counters` that has them, and whose each byte is.
    struct marks {
        counters range;
        std::vector<std::uint32_t> index;  // by offset; 0: nobody's
    };

    std::mutex mutex;
    std::vector<const site_record*> modules;  // begin of each registered range
    std::vector<catalog_entry> entries;
    std::vector<std::vector<site_record*>>
        records;  // by index - 1; several where a place was emitted repeatedly
    std::map<std::uint64_t, std::uint32_t> by_id;
    std::map<std::uint64_t, std::uint32_t> unnamed;  // by hash of rule, file and line
    std::deque<std::string> texts;                   // that entries refer to and no section has
    std::vector<std::string> errors;
    std::vector<marks> mark_counters;
    std::vector<counters> compiler_counters;

    static std::uint64_t unnamed_key(std::string_view rule, std::string_view file, std::uint32_t line);
};

// Never destroyed: modules register before main, and sites may be evaluated after it.
registry& the_registry();

// The place's index in the catalog, looked up once; 0 where its record is missing.
std::uint32_t index_of(site_place& place) noexcept;
// The place's record, of the first module that has it; null where it is missing.
site_record* record_of(site_place& place) noexcept;

}  // namespace squall

#endif  // SQUALL_RUNTIME_REGISTRY_H
