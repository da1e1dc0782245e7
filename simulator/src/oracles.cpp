#include <squall/oracles.h>

#include "printable.h"

#include <algorithm>
#include <limits>

namespace squall {

// All arithmetic here stays within 64 bits for up to 2^31 accounts.
std::int64_t conservation::difference_low() const {
    return (low_ - static_cast<std::int64_t>(static_cast<std::uint64_t>(expected_) & 0xffffffffu)) &
           0xffffffff;
}
std::int64_t conservation::difference_high() const {
    const std::int64_t low =
        low_ - static_cast<std::int64_t>(static_cast<std::uint64_t>(expected_) & 0xffffffffu);
    return high_ - (expected_ >> 32) + (low >> 32);
}

std::int64_t conservation::difference() const {
    const std::int64_t high = difference_high();
    if (high > std::numeric_limits<std::int32_t>::max())
        return std::numeric_limits<std::int64_t>::max();
    if (high < std::numeric_limits<std::int32_t>::min())
        return std::numeric_limits<std::int64_t>::min();
    return high * (std::int64_t{1} << 32) + difference_low();
}

std::string conservation::text(std::size_t accounts_max) const {
    const std::int64_t by = difference();
    std::string out = "the balances should come to " + std::to_string(expected_) + " and ";
    if (by == 0)
        out += "do";
    else
        out += "there is " +
               std::to_string(by < 0 ? -static_cast<std::uint64_t>(by) : static_cast<std::uint64_t>(by)) +
               (by < 0 ? " too little" : " too much");
    std::string separator = ": ";
    for (std::size_t i = 0; i < std::min(accounts_.size(), accounts_max); ++i) {
        out += separator + printable(accounts_[i].first) + " " + std::to_string(accounts_[i].second);
        separator = ", ";
    }
    if (accounts_.size() > accounts_max)
        out += separator + std::to_string(accounts_.size() - accounts_max) + " more";
    return out;
}

namespace detail {

std::string listed(std::string_view what, const std::vector<std::string>& all, std::size_t limit) {
    if (all.empty())
        return {};
    std::string out = std::string(what) + " " + std::to_string(all.size());
    std::string separator = ": ";
    for (std::size_t i = 0; i < std::min(all.size(), limit); ++i) {
        out += separator + printable(all[i]);
        separator = ", ";
    }
    return out + (all.size() > limit ? separator + "..." : "") + "\n";
}

}  // namespace detail
}  // namespace squall
