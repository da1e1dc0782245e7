// Faults as text, both ways.
#include <squall/fault_text.h>

#include "fault_values.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <limits>
#include <sstream>
#include <utility>

namespace squall {
namespace {

using json = nlohmann::ordered_json;
using simulator::for_each_family;
using simulator::for_each_value;

template <class Choice>
using named = std::pair<Choice, std::string_view>;
constexpr std::array policies{named<schedule_policy>{schedule_policy::window, "window"},
                              named<schedule_policy>{schedule_policy::pos, "pos"},
                              named<schedule_policy>{schedule_policy::pct, "pct"}};
constexpr std::array shapes{named<latency_shape>{latency_shape::exponential, "exponential"},
                            named<latency_shape>{latency_shape::uniform, "uniform"},
                            named<latency_shape>{latency_shape::bimodal, "bimodal"}};
constexpr const auto& names_of(schedule_policy) {
    return policies;
}
constexpr const auto& names_of(latency_shape) {
    return shapes;
}

struct unit {
    std::string_view name;
    std::int64_t nanoseconds;
};
// Smallest last: a time is written in the first that leaves it at one or more.
constexpr std::array units{
    unit{"h", 3'600'000'000'000}, unit{"min", 60'000'000'000}, unit{"s", 1'000'000'000},
    unit{"ms", 1'000'000},        unit{"us", 1'000},           unit{"ns", 1}};

// Writing.

std::string text_of(double value) {
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}
template <std::unsigned_integral Number>
std::string text_of(Number value) {
    return std::to_string(value);
}
// All decimals that it takes, so that it is read back exactly: "1.5s".
std::string text_of(nanoseconds value) {
    if (value.count() == 0)
        return "0";
    const auto count = static_cast<std::uint64_t>(value.count());
    const auto fits = std::ranges::find_if(
        units, [&](const unit& u) { return count >= static_cast<std::uint64_t>(u.nanoseconds); });
    const auto one = static_cast<std::uint64_t>(
        count % static_cast<std::uint64_t>(fits->nanoseconds) == 0 || fits->nanoseconds <= 1'000'000'000
            ? fits->nanoseconds
            : 1'000'000'000);  // a fraction of an hour has no end in decimals
    std::string text = std::to_string(count / one);
    if (const std::uint64_t rest = count % one; rest != 0) {
        std::string decimals = std::to_string(one + rest).substr(1);
        decimals.erase(decimals.find_last_not_of('0') + 1);
        text += "." + decimals;
    }
    return text +
           std::string(std::ranges::find(units, static_cast<std::int64_t>(one), &unit::nanoseconds)->name);
}
template <class Choice>
    requires std::is_enum_v<Choice>
std::string text_of(Choice value) {
    for (const auto& [choice, name] : names_of(value))
        if (choice == value)
            return std::string(name);
    return "?";
}

// Reading. Each returns what is wrong, or nothing.

std::string read(std::string_view text, double& to) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
    if (error != std::errc() || end != text.data() + text.size() || !(to >= 0) || to > 1e9)
        return "a number from 0 on";
    return {};
}
template <std::unsigned_integral Number>
std::string read(std::string_view text, Number& to) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
    if (error != std::errc() || end != text.data() + text.size())
        return "a whole number from 0 to " + std::to_string(std::numeric_limits<Number>::max());
    return {};
}
std::string read(std::string_view text, nanoseconds& to) {
    const char* const right = "a time from 0 to 1000000h, with its unit (ns, us, ms, s, min, h)";
    const auto split = std::find_if(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    const std::string_view digits(text.begin(), split);
    const std::string_view name(split, text.end());
    if (name.empty() && (digits == "0")) {
        to = 0ns;
        return {};
    }
    const auto found = std::ranges::find(units, name, &unit::name);
    const auto point = std::find(digits.begin(), digits.end(), '.');
    const std::string_view whole(digits.begin(), point);
    const std::string_view part(point == digits.end() ? point : point + 1, digits.end());
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (found == units.end() || whole.empty() || whole.size() > 15 || part.size() > 12 ||
        !std::ranges::all_of(whole, is_digit) || !std::ranges::all_of(part, is_digit) ||
        (point != digits.end() && part.empty()))
        return right;
    __extension__ using wide = unsigned __int128;
    const auto number = [](std::string_view text_of_number) {
        std::uint64_t value = 0;
        std::from_chars(text_of_number.data(), text_of_number.data() + text_of_number.size(), value);
        return wide{value};
    };
    wide scale = 1;
    for (std::size_t i = 0; i < part.size(); ++i)
        scale *= 10;
    const auto one = static_cast<wide>(found->nanoseconds);
    const wide total = number(whole) * one + number(part) * one / scale;
    if (total > wide{3'600'000'000'000} * 1'000'000)
        return right;
    to = nanoseconds(static_cast<std::int64_t>(total));
    return {};
}
template <class Choice>
    requires std::is_enum_v<Choice>
std::string read(std::string_view text, Choice& to) {
    std::string all;
    for (const auto& [choice, name] : names_of(to)) {
        if (name == text) {
            to = choice;
            return {};
        }
        all += (all.empty() ? "one of " : ", ") + std::string(name);
    }
    return all;
}

[[noreturn]] void unknown(const std::string& what, const std::vector<std::string>& known) {
    std::string text = "no fault value is called '" + what + "'";
    for (const std::string& name : known) {
        const auto dot = name.find('.');
        if (name.substr(dot + 1) == what || (what.size() >= 4 && name.find(what) != std::string::npos)) {
            text += "; is it " + name + "?";
            break;
        }
    }
    throw fault_text_error(text);
}

void set_value(faults& all, const std::string& name, std::string_view text) {
    const auto dot = name.find('.');
    const std::string_view family = std::string_view(name).substr(0, dot);
    const std::string_view which = dot == std::string::npos ? "" : std::string_view(name).substr(dot + 1);
    bool found = false;
    const auto set = [&](std::string_view value_name, auto& value) {
        if (value_name != which)
            return;
        found = true;
        auto fresh = value;
        std::string wanted = read(text, fresh);
        if constexpr (std::is_same_v<decltype(fresh), double>)
            if (wanted.empty() && fresh > 1 && !which.ends_with("_factor"))
                wanted = "a number from 0 to 1";
        if (!wanted.empty())
            throw fault_text_error(name + "=" + std::string(text) + " is not " + wanted);
        value = fresh;
    };
    const auto in_family = [&](std::string_view family_name, auto& values) {
        if (family_name != family)
            return;
        if constexpr (requires { values.every; }) {
            if (which.empty() && text == "off") {
                values.every = 0ns;
                found = true;
            }
        }
        for_each_value(set, values);
    };
    for_each_family(in_family, all);
    if (!found)
        unknown(name, fault_names());
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

void set_from_json(faults& all, const std::string& text) {
    const json given = json::parse(text, nullptr, false, true);
    if (!given.is_object())
        throw fault_text_error("not JSON as to_json() writes it");
    for (const auto& [family, values] : given.items()) {
        if (!values.is_object()) {
            set_value(all, family, values.is_string() ? values.get<std::string>() : values.dump());
            continue;
        }
        for (const auto& [name, value] : values.items())
            set_value(all, family + "." + name, value.is_string() ? value.get<std::string>() : value.dump());
    }
}

std::string content_of(const std::string& path) {
    const std::ifstream in(path);
    std::ostringstream text;
    if (!in || !(text << in.rdbuf()))
        throw fault_text_error("cannot read the faults in '" + path + "'");
    return std::move(text).str();
}

void set_all(faults& all, std::string_view text);

// One item: "family.name=value", "family=off", "family: name=value name=value", "calm", "@file".
void set_item(faults& all, std::string_view item) {
    if (item == "calm") {
        all = {};
        return;
    }
    if (item.front() == '@') {
        const std::string content = content_of(std::string(item.substr(1)));
        if (content.find_first_of('@') == 0)
            throw fault_text_error("'" + std::string(item.substr(1)) + "' names another file");
        set_all(all, content);
        return;
    }
    std::string family;
    if (const auto colon = item.find(": "); colon != std::string_view::npos) {
        family = std::string(trimmed(item.substr(0, colon))) + ".";
        item = item.substr(colon + 2);
    }
    std::istringstream words{std::string(item)};
    for (std::string word; words >> word;) {
        const auto equals = word.find('=');
        if (equals == std::string::npos)
            throw fault_text_error("'" + word + "' is not of the form family.value=text");
        set_value(all, family + word.substr(0, equals), std::string_view(word).substr(equals + 1));
    }
}

void set_all(faults& all, std::string_view text) {
    if (const auto first = trimmed(text); !first.empty() && first.front() == '{') {
        set_from_json(all, std::string(text));
        return;
    }
    const auto next = [](std::string_view& rest, const char* ends) {
        const auto end = rest.find_first_of(ends);
        const std::string_view part = trimmed(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        return part;
    };
    while (!text.empty()) {
        std::string_view line = next(text, "\n");
        while (!line.empty() && line.front() != '#')
            if (const std::string_view item = next(line, ",;"); !item.empty())
                set_item(all, item);
    }
}

}  // namespace

std::string to_string(const faults& all) {
    static const faults calm;
    std::string text;
    const auto family = [&](std::string_view family_name, const auto& values, const auto& of_calm) {
        std::string line;
        const auto differing = [&](std::string_view name, const auto& value, const auto& calm_value) {
            if (value != calm_value)
                line.append(" ").append(name).append("=").append(text_of(value));
        };
        for_each_value(differing, values, of_calm);
        if (!line.empty())
            text.append(family_name).append(":").append(line).append("\n");
    };
    for_each_family(family, all, calm);
    return text.empty() ? "calm" : text;
}

std::string to_json(const faults& all) {
    json whole = json::object();
    const auto family = [&](std::string_view family_name, const auto& values) {
        json& object = whole[std::string(family_name)];
        const auto add = [&](std::string_view name, const auto& value) {
            using type = std::remove_cvref_t<decltype(value)>;
            if constexpr (std::is_arithmetic_v<type>)
                object[std::string(name)] = value;
            else
                object[std::string(name)] = text_of(value);
        };
        for_each_value(add, values);
    };
    for_each_family(family, all);
    return whole.dump(2);
}

void set_faults(faults& all, std::string_view text) {
    faults changed = all;
    set_all(changed, text);
    all = changed;
}

std::vector<std::string> fault_names() {
    std::vector<std::string> names;
    const faults calm;
    const auto family = [&](std::string_view family_name, const auto& values) {
        const auto add = [&](std::string_view name, const auto&) {
            names.push_back(std::string(family_name) + "." + std::string(name));
        };
        for_each_value(add, values);
    };
    for_each_family(family, calm);
    return names;
}

}  // namespace squall
