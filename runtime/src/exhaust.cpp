// The exhaustive mode.
#include <squall/exhaust.h>

#include <squall/catalog.h>

#include <algorithm>
#include <stdexcept>

namespace squall {

site_override nth_override(std::string_view pattern, std::uint64_t n) {
    auto parsed = parse_overrides(std::string(pattern) + "=nth(" + std::to_string(n) + ")");
    if (parsed.size() != 1)
        throw override_error("override: expected one pattern, not '" + std::string(pattern) + "'", 0);
    return std::move(parsed.front());
}

bool fired_any(const site_override& by, const std::vector<site_tally>& tallies) {
    return std::any_of(tallies.begin(), tallies.end(), [&](const site_tally& site) {
        return site.fired != 0 && by.matches(catalog_at(site.index));
    });
}

exhaustion exhaust(std::string_view pattern, const run_options& options,
                   const std::function<void(run&)>& body, std::uint64_t limit, std::uint64_t* nth) {
    const auto problems = override_problems({nth_override(pattern, 0)});
    if (!problems.empty())
        throw std::invalid_argument("squall: " + problems.front());
    return exhaust_each(pattern, limit, [&](std::uint64_t n, const site_override& by) {
        if (nth != nullptr)
            *nth = n;
        run_options with = options;
        with.overrides.push_back(by);
        run once(std::move(with));
        const run_scope bound(once);
        once.set_sites_on(true);
        body(once);
        return fired_any(by, once.site_tallies());
    });
}

}  // namespace squall
