// --faults.
#include "faults_option.h"

#include "environment.h"
#include "error.h"
#include "text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace squall::cli {

namespace {

using json = nlohmann::ordered_json;

constexpr const char* variable = "SQUALL_FAULTS";
// Linux takes no variable of 128 KiB (MAX_ARG_STRLEN); all values there are make some 3 KiB.
constexpr std::size_t size_max = 100'000;

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Takes what stands before the first of `ends` off the text.
std::string_view next(std::string_view& text, const char* ends) {
    const auto end = std::min(text.find_first_of(ends), text.size());
    const std::string_view part = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

class flattening {
public:
    explicit flattening(std::string_view origin) : origin_(origin) {}

    std::string take() { return std::move(plain_); }

    void add_text(std::string_view text) {
        if (trimmed(text).starts_with('{')) {
            add_json(text);
            return;
        }
        while (!text.empty()) {
            std::string_view line = next(text, "\n");
            while (!line.empty() && line.front() != '#') {
                if (const std::string_view item = next(line, ",;"); item.starts_with('@')) {
                    add_file(std::string(item.substr(1)));
                } else if (!item.empty()) {
                    add_item(item);
                }
                line = trimmed(line);
            }
        }
    }

private:
    [[noreturn]] void refuse(const std::string& why) const {
        throw error(fmt::format("{}: {}", origin_,
                                file_.empty() ? why : fmt::format("in {}: {}", printable(file_), why)));
    }

    void add_item(std::string_view item) {
        if (std::any_of(item.begin(), item.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; })) {
            refuse(fmt::format("'{}' holds a control character", printable(item)));
        }
        plain_.append(plain_.empty() ? "" : "; ").append(item);
        if (plain_.size() > size_max) {
            refuse(fmt::format("more than {} bytes of fault changes", grouped(size_max)));
        }
    }

    void add_value(const std::string& name, const json& value) {
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        // What would be several changes to the worker, or a file.
        const auto splits = [](const std::string& part) {
            return part.empty() || part.find_first_of(" \t\r\n,;=#@:") != std::string::npos;
        };
        if (splits(name) || splits(text)) {
            refuse(fmt::format("{}: {} is not a fault value's name and one value", printable(name),
                               printable(value.dump())));
        }
        add_item(name + "=" + text);
    }

    void add_json(std::string_view text) {
        const json given = json::parse(text, nullptr, false, true);
        if (!given.is_object()) {
            refuse(R"(begins with { but is not JSON as in {"network": {"flip_bit": 0.01}})");
        }
        for (const auto& [family, values] : given.items()) {
            if (!values.is_object()) {
                add_value(family, values);
                continue;
            }
            for (const auto& [name, value] : values.items()) {
                add_value(family + "." + name, value);
            }
        }
    }

    void add_file(const std::string& path) {
        if (!file_.empty()) {
            refuse(fmt::format("'@{}' names another file", printable(path)));
        }
        const auto unreadable = [&](const char* why) {
            refuse(fmt::format("cannot read '{}': {}", printable(path), why));
        };
        std::error_code ignored;
        if (std::filesystem::is_directory(path, ignored)) {
            unreadable("it is a directory");
        }
        std::ifstream in(path, std::ios::binary);
        if (!in) {
            unreadable(std::strerror(errno));
        }
        std::string content(size_max + 1, '\0');  // no more, whatever it is: a pipe may have no end
        in.read(content.data(), static_cast<std::streamsize>(content.size()));
        if (in.bad()) {
            unreadable(std::strerror(errno));
        }
        content.resize(static_cast<std::size_t>(in.gcount()));
        if (content.size() > size_max) {
            unreadable(fmt::format("it has more than {} bytes", grouped(size_max)).c_str());
        }
        file_ = path;
        add_text(content);
        file_.clear();
    }

    std::string origin_;
    std::string file_;  // that is being read
    std::string plain_;
};

}  // namespace

std::string plain_fault_changes(std::string_view text, std::string_view origin) {
    flattening all(origin);
    all.add_text(text);
    return all.take();
}

std::string apply_fault_changes(const std::vector<std::string>& given) {
    std::string all;
    const auto add = [&](std::string_view text, const char* origin) {
        const std::string plain = plain_fault_changes(text, origin);
        all += (all.empty() || plain.empty() ? "" : "; ") + plain;
        if (all.size() > size_max) {
            throw error(fmt::format("{}: more than {} bytes of fault changes", origin, grouped(size_max)));
        }
    };
    if (const char* inherited = std::getenv(variable)) {
        add(inherited, variable);
    }
    for (const std::string& text : given) {
        add(text, "--faults");
    }
    set_fault_changes(all);
    return all;
}

void set_fault_changes(const std::string& text) {
    set_variable(variable, text);
}

}  // namespace squall::cli
