// The failpoint grammar.
#include <squall/overrides.h>

#include <squall/hex.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace squall {
namespace {

struct prefix {
    std::string_view text;
    site_override::field where;
};
constexpr prefix prefixes[] = {{"id:", site_override::field::id},
                               {"rule:", site_override::field::rule},
                               {"name:", site_override::field::name},
                               {"function:", site_override::field::function},
                               {"file:", site_override::field::file}};

class parser {
public:
    explicit parser(std::string_view text) : text_(text) {}

    std::vector<site_override> all() {
        std::vector<site_override> found;
        for (;;) {
            skip_blanks();
            if (at_ == text_.size())
                return found;
            found.push_back(one());
            skip_blanks();
            if (at_ < text_.size() && !take(";"))
                fail("expected ';' or the end");
        }
    }

private:
    [[noreturn]] void fail(const std::string& what) const {
        throw override_error(
            "override: " + what + " at position " + std::to_string(at_) + " of '" + std::string(text_) + "'",
            at_);
    }
    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n'))
            ++at_;
    }
    bool take(std::string_view token) {
        if (text_.substr(at_, token.size()) != token)
            return false;
        at_ += token.size();
        return true;
    }

    site_override one() {
        site_override result;
        result.position = at_;
        for (const auto& [text, where] : prefixes)
            if (take(text)) {
                result.where = where;
                break;
            }
        result.glob = pattern();
        skip_blanks();
        if (!take("="))
            fail("expected '=' after the pattern");
        do {
            skip_blanks();
            result.terms.push_back(term());
            skip_blanks();
        } while (take("->"));
        return result;
    }

    std::string pattern() {
        std::string glob;
        if (take("\"")) {  // quoted: everything up to the next quote
            const auto end = text_.find('"', at_);
            if (end == std::string_view::npos)
                fail("a quote that is not closed");
            glob = text_.substr(at_, end - at_);
            at_ = end + 1;
        } else {
            while (at_ < text_.size() && text_[at_] != '=' && text_[at_] != ';')
                glob += text_[at_++];
            while (!glob.empty() && (glob.back() == ' ' || glob.back() == '\t'))
                glob.pop_back();
        }
        if (glob.empty())
            fail("expected a pattern");
        return glob;
    }

    override_term term() {
        override_term result;
        bool chance_given = false;
        for (;;) {
            const std::size_t start = at_;
            if (const auto percent = number_before('%')) {
                if (*percent < 0 || *percent > 100) {
                    at_ = start;
                    fail("a probability outside 0 % to 100 %");
                }
                if (chance_given || result.count) {
                    at_ = start;
                    fail("a probability that does not come first");
                }
                result.probability = *percent / 100;
                chance_given = true;
                continue;
            }
            if (const auto count = whole_before('*')) {
                if (result.count) {
                    at_ = start;
                    fail("a second count");
                }
                if (*count == 0) {
                    at_ = start;
                    fail("a count of nothing");
                }
                result.count = *count;
                continue;
            }
            break;
        }
        action(result);
        return result;
    }

    void action(override_term& result) {
        using what = override_term::action;
        if (take("off")) {
            result.what = what::off;
        } else if (take("fire")) {
            result.what = what::fire;
        } else if (take("return")) {
            result.what = what::fire;
            if (take("(") && !take(")")) {
                const std::size_t start = at_;
                result.value = number_before(')');
                if (!result.value || !std::isfinite(*result.value)) {
                    at_ = start;
                    fail("expected a number and ')'");
                }
            }
        } else if (take("nth(")) {
            result.what = what::nth;
            const auto value = whole_before(')');
            if (!value)
                fail("expected a whole number and ')'");
            result.nth = *value;
        } else if (take("delay(") || take("sleep(")) {
            result.what = what::delay;
            result.delay = duration();
            if (!take(")"))
                fail("expected ')'");
        } else if (take("wait")) {
            result.what = what::wait;
            if (take("(")) {
                result.limited = true;
                result.delay = duration();
                if (!take(")"))
                    fail("expected ')'");
            }
        } else if (take("panic")) {
            result.what = what::panic;
        } else {
            fail("expected off, fire, return, return(value), nth(k), delay(time), wait or panic");
        }
    }

    std::chrono::nanoseconds duration() {
        struct unit {
            std::string_view name;
            double nanoseconds;
        };
        static constexpr unit units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}};
        double value = 0;
        const char* first = text_.data() + at_;
        const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), value);
        if (error != std::errc() || !(value >= 0))
            fail("expected a time such as 10ms");
        at_ += static_cast<std::size_t>(end - first);
        for (const auto& [name, nanoseconds] : units)
            if (take(name)) {
                if (value * nanoseconds > 9e18)
                    fail("a time beyond 292 years");
                return std::chrono::nanoseconds(static_cast<std::int64_t>(value * nanoseconds));
            }
        fail("expected a unit: ns, us, ms, s or m");
    }

    std::optional<std::uint64_t> whole_before(char mark) {
        std::uint64_t value = 0;
        const char* first = text_.data() + at_;
        const char* last = text_.data() + text_.size();
        const auto [end, error] = std::from_chars(first, last, value);
        if (error != std::errc() || end == last || *end != mark)
            return std::nullopt;
        at_ += static_cast<std::size_t>(end - first) + 1;
        return value;
    }
    std::optional<double> number_before(char mark) {
        double value = 0;
        const char* first = text_.data() + at_;
        const char* last = text_.data() + text_.size();
        const auto [end, error] = std::from_chars(first, last, value);
        if (error != std::errc() || end == last || *end != mark)
            return std::nullopt;
        at_ += static_cast<std::size_t>(end - first) + 1;
        return value;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::string shortest(double value) {
    char number[40];
    const auto [end, error] = std::to_chars(number, number + sizeof number, value);
    return {number, end};
}

std::string in_words(const override_term& t) {
    switch (t.what) {
        case override_term::action::off:
            return "off";
        case override_term::action::fire:
            return t.value ? "return(" + shortest(*t.value) + ")" : "fire";
        case override_term::action::nth:
            return "nth(" + std::to_string(t.nth) + ")";
        case override_term::action::delay:
            return "delay(" + std::to_string(t.delay.count()) + "ns)";
        case override_term::action::wait:
            return t.limited ? "wait(" + std::to_string(t.delay.count()) + "ns)" : "wait";
        case override_term::action::panic:
            return "panic";
    }
    return {};
}

}  // namespace

bool glob_matches(std::string_view glob, std::string_view text) noexcept {
    std::size_t g = 0, t = 0, star = std::string_view::npos, resume = 0;
    while (t < text.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            resume = t;
        } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
            ++g;
            ++t;
        } else if (star != std::string_view::npos) {
            g = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (g < glob.size() && glob[g] == '*')
        ++g;
    return g == glob.size();
}

bool site_override::matches(const catalog_entry& site) const {
    switch (where) {
        case field::id:
            return glob_matches(glob, hex(site.id));
        case field::rule:
            return glob_matches(glob, site.rule);
        case field::name:
            return glob_matches(glob, site.detail);
        case field::function:
            return glob_matches(glob, site.function);
        case field::file:
            return glob_matches(glob, site.file);
        case field::any:
            break;
    }
    return glob_matches(glob, hex(site.id)) || glob_matches(glob, site.rule) ||
           glob_matches(glob, site.detail) || glob_matches(glob, site.function);
}

std::vector<site_override> parse_overrides(std::string_view text) {
    return parser(text).all();
}

std::string to_string(const std::vector<site_override>& all) {
    std::string out;
    for (const auto& o : all) {
        if (!out.empty())
            out += "; ";
        for (const auto& [text, where] : prefixes)
            if (where == o.where)
                out += text;
        out += '"' + o.glob + "\"=";
        bool first = true;
        for (const auto& t : o.terms) {
            if (!first)
                out += "->";
            first = false;
            if (t.probability < 1)
                out += shortest(t.probability * 100) + "%";
            if (t.count)
                out += std::to_string(*t.count) + "*";
            out += in_words(t);
        }
    }
    return out;
}

const site_override* find_override(const std::vector<site_override>& all, const catalog_entry& site) {
    if (!is_fault_site(site.kind))
        return nullptr;
    const auto found =
        std::find_if(all.rbegin(), all.rend(), [&](const site_override& one) { return one.matches(site); });
    return found == all.rend() ? nullptr : &*found;
}

std::vector<std::string> override_problems(const std::vector<site_override>& all) {
    const auto sites = catalog();
    std::vector<std::string> problems;
    for (const auto& o : all) {
        bool any = false;
        bool any_with_value = false;
        for (const catalog_entry& site : sites) {
            if (!is_fault_site(site.kind) || !o.matches(site))
                continue;
            any = true;
            any_with_value |= takes_value(site.kind);
        }
        const bool gives_value = std::any_of(o.terms.begin(), o.terms.end(),
                                             [](const override_term& t) { return t.value.has_value(); });
        if (!any)
            problems.push_back("override: no site of this program matches '" + o.glob + "'");
        else if (gives_value && !any_with_value)
            problems.push_back("override: return(value) for '" + o.glob +
                               "', and no site that it matches is a knob, a duration or a transfer");
    }
    return problems;
}

}  // namespace squall
