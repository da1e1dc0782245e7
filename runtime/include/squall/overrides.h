// Overrides: what a site does in place of its two-phase chance, said in the failpoint grammar of FreeBSD's
// fail(9) and gofail.
//
//   overrides = override *( ";" override )
//   override  = pattern "=" term *( "->" term )
//   pattern   = ["id:" | "rule:" | "name:" | "function:" | "file:"] glob       ("*" and "?" match as in file
//   names) term      = [ probability "%" ] [ count "*" ] action action    = "off" | "fire" | "return" |
//   "nth(" number ")"
//
// A pattern without a prefix matches a site's id, rule, name or function. Of several overrides that match a
// site the last one holds. Terms run in order: one with a count hands over to the next once it has fired that
// often; the last one stays. `fire` (and `return`, its name elsewhere) fires with the probability, 100 %
// unless said; `nth(k)` fires at the k-th evaluation of the run, from 0, and at no other; `off` never fires.
// The site's activation does not matter to an override.
//
//   rule:timeout=off; function:*::flush=5%2*fire->off; name:"slow directory"=nth(3)
#ifndef SQUALL_OVERRIDES_H
#define SQUALL_OVERRIDES_H

#include <squall/catalog.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace squall {

// What is wrong with the text, and where: `position` counts bytes from 0.
class override_error : public std::invalid_argument {
public:
    override_error(const std::string& what, std::size_t position)
        : std::invalid_argument(what),
          position_(position) {}
    std::size_t position() const noexcept { return position_; }

private:
    std::size_t position_;
};

struct override_term {
    enum class action : std::uint8_t { off, fire, nth };
    action what = action::off;
    double probability = 1;                   // of `fire`
    std::optional<std::uint64_t> count = {};  // firings before the next term takes over
    std::uint64_t nth = 0;
};

struct site_override {
    enum class field : std::uint8_t { any, id, rule, name, function, file };
    field where = field::any;
    std::string glob;
    std::vector<override_term> terms;  // at least one

    bool matches(const catalog_entry& site) const;
};

// Throws override_error. An empty text is no override.
std::vector<site_override> parse_overrides(std::string_view text);

// The same in canonical form; parses to what it was made from.
std::string to_string(const std::vector<site_override>& all);

// Patterns among `all` that match no fault site of this program: typing errors, most likely.
std::vector<std::string> unmatched(const std::vector<site_override>& all);

// "*" matches any characters, "?" one.
bool glob_matches(std::string_view glob, std::string_view text) noexcept;

}  // namespace squall

#endif  // SQUALL_OVERRIDES_H
