// The overrides of the process, and its sites as they obey them.
#ifndef SQUALL_INJECTION_ENGINE_H
#define SQUALL_INJECTION_ENGINE_H

#include "point.h"
#include "process_sites.h"

#include <squall/injection.h>
#include <squall/overrides.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace squall::injection::detail {

// The evaluation of a site that was never overridden takes no lock: it finds nothing in a table of points by
// site index. Points are never freed, and there is at most one of a site, however often overrides change; the
// tables that a longer one replaced are kept too, as somebody may be reading them.
class engine final : public process_sites {
public:
    static engine& get();  // never destroyed: threads may be at sites when the process ends

    bool fire(const site_record& site) noexcept override;
    bool value(const site_record& site, double* value) noexcept override;
    // The point of a site that is to be evaluated; null: nothing is to be done there.
    point* find(std::uint32_t index) noexcept;

    // See injection.h.
    void set(std::string_view text, bool keep_others);
    void set_seed(std::uint64_t seed);
    std::string overrides();
    std::vector<site_state> states(std::string_view pattern, bool all);
    void reset_counts();
    std::size_t waiting(std::string_view pattern);
    std::size_t release(std::string_view pattern);

private:
    struct table {
        explicit table(std::size_t size) : points(size) {}
        std::vector<std::atomic<point*>> points;  // by site index
    };

    engine() = default;

    void apply(std::vector<std::shared_ptr<const site_override>> all, std::uint64_t seed);
    void make_points(const configuration& wanted, std::size_t sites);
    point* find_new(std::uint32_t index);
    std::vector<point*> points_that_match(std::string_view pattern);

    published_configuration published_;
    std::atomic<table*> table_{nullptr};
    std::atomic<bool> on_{false};  // there are overrides

    std::mutex mutex_;  // of changes, and all below
    std::vector<std::unique_ptr<table>> tables_;
    std::map<std::uint32_t, std::unique_ptr<point>> points_;  // by site index
};

}  // namespace squall::injection::detail

#endif  // SQUALL_INJECTION_ENGINE_H
