// Overrides: what a site does in place of its two-phase chance, said in the failpoint grammar of FreeBSD's
// fail(9) and gofail.
//
//   overrides   = override *( ";" override )
//   override    = pattern "=" term *( "->" term )
//   pattern     = ["id:" | "rule:" | "name:" | "function:" | "file:"] glob    ("*" and "?" as in file names)
//   term        = [ probability "%" ] [ count "*" ] action
//   action      = "off" | "fire" | "return" | "return(" number ")" | "nth(" number ")" |
//                 "delay(" duration ")" | "wait" | "wait(" duration ")" | "panic"
//   duration    = number ( "ns" | "us" | "ms" | "s" | "m" )
//
// A pattern without a prefix matches a site's id, rule, name or function; one with special characters may
// stand in quotes. Of several overrides that match a site the last one holds. Terms run in order: one with a
// count hands over to the next once it has acted that often, and the last one then to `off`; one without a
// count stays. The site's activation does not matter to an override, which acts at each evaluation with its
// probability, 100 % unless said:
//
//   off        nothing
//   fire       the site fires; `return` is the same by its name elsewhere. return(7): the value of a knob, or
//   the
//              number of ticks of a duration
//   nth(k)     fires at the k-th evaluation of the run, from 0, and at no other
//   delay(d)   the thread sleeps; in a simulation the process stands still for that much virtual time
//   wait       outside of simulations: the thread stays there until it is released (injection.h). wait(d):
//   for d
//              at most
//   panic      the process aborts
//
//   rule:timeout=off; function:*::flush=5%2*fire->off; name:"slow directory"=nth(3); name:batch=return(1)
#ifndef SQUALL_OVERRIDES_H
#define SQUALL_OVERRIDES_H

#include <squall/catalog.h>

#include <chrono>
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
    enum class action : std::uint8_t { off, fire, nth, delay, wait, panic };
    action what = action::off;
    double probability = 1;                   // of acting at an evaluation
    std::optional<std::uint64_t> count = {};  // actions before the next term takes over
    std::uint64_t nth = 0;
    std::optional<double> value = {};   // of return(value)
    bool limited = false;               // wait(d)
    std::chrono::nanoseconds delay{0};  // of delay(d), or the limit of wait(d); not negative
};

struct site_override {
    enum class field : std::uint8_t { any, id, rule, name, function, file };
    field where = field::any;
    std::string glob;
    std::vector<override_term> terms;  // at least one
    std::size_t position = 0;          // where it begins in the text that it was parsed from

    bool matches(const catalog_entry& site) const;
};

// Where the terms of an override stand.
class override_progress {
public:
    explicit override_progress(const site_override& by) : by_(&by) {}

    // The term that acts at this evaluation; null if none does. decide(p) tells whether what has probability
    // p happens now.
    template <class Decide>
    const override_term* step(Decide decide) {
        const std::uint64_t evaluation = evaluations_++;
        if (term_ == by_->terms.size())
            return nullptr;
        const override_term& term = by_->terms[term_];
        const bool possible = term.what != override_term::action::off &&
                              (term.what != override_term::action::nth || evaluation == term.nth);
        if (!possible || !decide(term.probability))
            return nullptr;
        if (term.count && ++acted_ >= *term.count) {
            ++term_;
            acted_ = 0;
        }
        return &term;
    }

private:
    const site_override* by_;
    std::size_t term_ = 0;
    std::uint64_t acted_ = 0;        // under the present term
    std::uint64_t evaluations_ = 0;  // in all
};

// Throws override_error. An empty text is no override.
std::vector<site_override> parse_overrides(std::string_view text);

// The same in canonical form; parses to what it was made from.
std::string to_string(const std::vector<site_override>& all);

// What is wrong with `all` in this program, as sentences: patterns that match no fault site, a value for
// sites that take none.
std::vector<std::string> override_problems(const std::vector<site_override>& all);

// The last of `all` that matches the site; null if none does.
const site_override* find_override(const std::vector<site_override>& all, const catalog_entry& site);

// "*" matches any characters, "?" one.
bool glob_matches(std::string_view glob, std::string_view text) noexcept;

}  // namespace squall

#endif  // SQUALL_OVERRIDES_H
