// Reading what people type and writing what they read.
#include "text.h"

#include "error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace squall::cli {

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    }
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, code] = std::from_chars(text.data(), end, value, base);
    if (text.empty() || code != std::errc() || stop != end) {
        return std::nullopt;
    }
    return value;
}

std::uint64_t parse_seed(std::string_view text, std::string_view option) {
    if (const auto seed = parse_unsigned(text)) {
        return *seed;
    }
    throw error(fmt::format("{}: '{}' is not a seed (a seed is a whole number from 0 to {})", option,
                            printable(text), std::numeric_limits<std::uint64_t>::max()));
}

seed_range parse_seeds(std::string_view text) {
    const std::size_t dots = text.find("..");
    if (dots == std::string_view::npos) {
        const auto count = parse_unsigned(text);
        if (!count || *count == 0) {
            throw error(fmt::format("--seeds: '{}' is neither a number of seeds (2000) nor a range (1..2000)",
                                    printable(text)));
        }
        return {std::nullopt, count};
    }
    const std::uint64_t first = parse_seed(text.substr(0, dots), "--seeds");
    if (dots + 2 == text.size()) {
        return {first, std::nullopt};
    }
    const std::uint64_t last = parse_seed(text.substr(dots + 2), "--seeds");
    if (last < first) {
        throw error(
            fmt::format("--seeds: the range {}..{} is empty (write it as {}..{})", first, last, last, first));
    }
    if (first == 0 && last == std::numeric_limits<std::uint64_t>::max()) {
        return {first, std::nullopt};
    }
    return {first, last - first + 1};
}

namespace {

struct unit {
    std::string_view name;
    double factor;
};

// Reads "<number><unit>" repeatedly, as in 1m30s, and adds up; nothing if the text is anything else.
std::optional<double> parse_with_units(std::string_view text, const std::vector<unit>& units, bool repeat) {
    double total = 0;
    if (text.empty()) {
        return std::nullopt;
    }
    do {
        double number = 0;
        const auto [stop, code] =
            std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
        if (code != std::errc() || !(number >= 0)) {
            return std::nullopt;
        }
        text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
        const std::size_t length = std::min(text.find_first_of("0123456789."), text.size());
        const std::string_view name = text.substr(0, length);
        const auto found = std::find_if(units.begin(), units.end(), [&](const unit& u) {
            return std::equal(u.name.begin(), u.name.end(), name.begin(), name.end(), [](char a, char b) {
                return a == b || (b >= 'A' && b <= 'Z' && a == b - 'A' + 'a');
            });
        });
        if (found == units.end()) {
            return std::nullopt;
        }
        total += number * found->factor;
        text.remove_prefix(length);
    } while (repeat && !text.empty());
    return text.empty() && total < 9.0e18 ? std::optional(total) : std::nullopt;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

// Length of the UTF-8 sequence at the start of `text`, or 0 where there is none. Overlong forms, surrogates
// and values above U+10FFFF are none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || length > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) {
            return 0;
        }
    }
    if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f) ||
        (lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f)) {
        return 0;
    }
    return length;
}

// Columns that the text takes on a terminal, near enough: one for each code point.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::chrono::milliseconds parse_duration(std::string_view text, std::string_view option) {
    static const std::vector<unit> units = {{"", 1e3},   {"ms", 1},     {"s", 1e3},
                                            {"m", 60e3}, {"min", 60e3}, {"h", 3600e3}};
    const auto value = parse_with_units(text, units, true);
    // A hundred years, so that adding it to a clock cannot overflow.
    if (!value || *value > 100 * 366 * 24 * 3600e3) {
        throw error(fmt::format("{}: '{}' is not a duration (write 60s, 5m, 1h30m or 250ms)", option,
                                printable(text)));
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::llround(*value)));
}

std::uint64_t parse_size(std::string_view text, std::string_view option) {
    static const double k = 1024;
    static const std::vector<unit> units = {
        {"", 1},       {"b", 1},       {"k", k},         {"kb", k},         {"kib", k},        {"m", k * k},
        {"mb", k * k}, {"mib", k * k}, {"g", k * k * k}, {"gb", k * k * k}, {"gib", k * k * k}};
    const auto value = parse_with_units(text, units, false);
    if (!value) {
        throw error(fmt::format("{}: '{}' is not a size (write 512M or 2G)", option, printable(text)));
    }
    return static_cast<std::uint64_t>(*value);
}

std::string command_line(const std::vector<std::string>& arguments) {
    std::string line;
    for (const std::string& argument : arguments) {
        if (!line.empty()) {
            line += ' ';
        }
        const auto plain = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   std::string_view("_-+=./:,@%").find(c) != std::string_view::npos;
        };
        if (!argument.empty() && std::all_of(argument.begin(), argument.end(), plain)) {
            line += argument;
            continue;
        }
        line += '\'';
        for (const char c : argument) {
            if (c == '\'') {
                line += "'\\''";
            } else {
                line += c;
            }
        }
        line += '\'';
    }
    return line;
}

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        std::size_t length = utf8_length(text);
        const auto byte = static_cast<unsigned char>(text[0]);
        // U+0080..U+009F are control characters too.
        const bool c1 = length == 2 && byte == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;
        if (length > 0 && byte >= 0x20 && byte != 0x7f && !c1) {
            out += text.substr(0, length);
        } else if (byte == '\n') {
            out += "\\n";
        } else if (byte == '\t') {
            out += "\\t";
        } else {
            length = std::max<std::size_t>(length, 1);
            for (std::size_t i = 0; i < length; ++i) {
                out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
            }
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

std::string valid_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        out += length > 0 ? text.substr(0, length) : std::string_view("\xef\xbf\xbd");
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", grouped(number), number == 1 ? one : many);
}

std::string duration_text(std::chrono::milliseconds duration) {
    const std::int64_t ms = duration.count();
    if (ms < 60'000) {
        return fmt::format("{}.{} s", ms / 1000, ms % 1000 / 100);
    }
    const std::int64_t s = ms / 1000;
    return s < 3600 ? fmt::format("{}:{:02}", s / 60, s % 60)
                    : fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

bool glob_match(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
    std::optional<std::string> best;
    std::size_t best_distance = word.size() / 3 + 2;
    for (const std::string& candidate : candidates) {
        const bool prefix = word.size() >= 2 && candidate.starts_with(word);
        const std::size_t distance = prefix ? 1 : edit_distance(word, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string table(const std::vector<std::vector<std::string>>& rows, std::string_view indent) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t column = 0; column < row.size(); ++column) {
            widths[column] = std::max(widths[column], width(row[column]));
        }
    }
    std::string out;
    for (const auto& row : rows) {
        std::string line(indent);
        for (std::size_t column = 0; column < row.size(); ++column) {
            line += row[column];
            line.append(widths[column] - width(row[column]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    }
    return out;
}

std::vector<std::string> last_lines(std::string_view text, std::size_t count) {
    std::vector<std::string> lines;
    while (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    while (!text.empty() && lines.size() < count) {
        const std::size_t newline = text.rfind('\n');
        lines.emplace_back(newline == std::string_view::npos ? text : text.substr(newline + 1));
        text = newline == std::string_view::npos ? std::string_view() : text.substr(0, newline);
    }
    std::reverse(lines.begin(), lines.end());
    return lines;
}

}  // namespace squall::cli
