// A flat form: numbers and strings in the order in which they are read back.
#include "driver/cache.h"

#include "core/identity.h"
#include "driver/problem.h"

#include <llvm/Support/FileSystem.h>
#include <llvm/Support/xxhash.h>

#include <concepts>
#include <cstring>
#include <stdexcept>
#include <type_traits>

namespace squall::rewrite {
namespace {

constexpr const char* magic = "squall-cache 2\n";

class writer {
public:
    void number(std::uint64_t value) {
        char bytes[sizeof value];
        std::memcpy(bytes, &value, sizeof value);
        text_.append(bytes, sizeof value);
    }
    void string(std::string_view value) {
        number(value.size());
        text_ += value;
    }
    void part(const std::string& value) { string(value); }
    template <class Number>
    void part(Number value) {
        number(static_cast<std::uint64_t>(value));
    }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

class reader {
public:
    explicit reader(std::string_view text) : text_(text) {}
    std::uint64_t number() {
        std::uint64_t value = 0;
        const std::string_view bytes = take(sizeof value);
        std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    }
    std::string string() { return std::string(take(number())); }
    void part(std::string& value) { value = string(); }
    template <class Number>
    void part(Number& value) {
        value = static_cast<Number>(number());
    }
    bool at_end() const { return text_.empty(); }

private:
    std::string_view take(std::uint64_t size) {
        if (size > text_.size())
            throw std::out_of_range("the cache ends early");
        const std::string_view taken = text_.substr(0, size);
        text_.remove_prefix(size);
        return taken;
    }
    std::string_view text_;
};

// What is kept of a site and an insertion, once for both ways. The bindings name every member, so that one
// more does not compile before it is kept or left out on purpose.
template <class Site, class Each>
void in_order(Site& what, Each each)
    requires std::same_as<std::remove_const_t<Site>, site>
{
    // The id is worked out from the rest; rule, place and insertions have a form of their own.
    auto& [rule, at, path, line, column, function, detail, evidence, owner, anchor, edits, of_variable,
           firing, id] = what;
    each(path), each(line), each(column), each(function), each(detail), each(evidence), each(owner);
    each(anchor), each(of_variable), each(firing);
}
template <class Insertion, class Each>
void in_order(Insertion& what, Each each)
    requires std::same_as<std::remove_const_t<Insertion>, insertion>
{
    auto& [offset, kind, partner, text] = what;
    each(offset), each(kind), each(partner), each(text);
}

std::string command_of(const unit& what) {
    writer out;
    out.string(what.path);
    out.string(what.directory);
    for (const std::string& argument : what.arguments)
        out.string(argument);
    return out.take();
}

// Reasons are constants of the program elsewhere; here they live as long as it does.
const char* lasting(const std::string& reason) {
    static std::set<std::string> all;
    return all.insert(reason).first->c_str();
}

}  // namespace

parse_cache::parse_cache(const std::filesystem::path& path, std::string key, const source_tree& tree,
                         std::span<const rule_info* const> rules)
    : key_(std::move(key)),
      tree_(tree) {
    for (const rule_info* each : rules)
        rules_[std::string(each->name)] = each;
    for (unsigned file = 0; file < tree.files.size(); ++file)
        file_numbers_[tree.files.path(file)] = file;
    try {
        const std::string text = read_file(path);
        if (!text.starts_with(magic))
            return;
        reader in(std::string_view(text).substr(std::strlen(magic)));
        if (in.string() != key_)
            return;
        std::vector<std::string> paths(in.number());
        for (std::string& each : paths) {
            each = in.string();
            known_[each] = in.string();
        }
        while (!in.at_end()) {
            entry& each = entries_[in.string()];
            each.findings = in.string();
            each.read.resize(in.number());
            for (std::string& file : each.read)
                file = paths.at(in.number());
        }
    } catch (const std::exception&) {
        entries_.clear();
    }
}

const std::string& parse_cache::state_of(const std::string& path) {
    const auto [it, added] = now_.try_emplace(path);
    if (!added)
        return it->second;
    try {
        it->second = hex(llvm::xxh3_64bits(read_file(path)));
        llvm::sys::fs::UniqueID identity;
        if (!llvm::sys::fs::getUniqueID(path, identity))
            if (const auto file = tree_.files.find(identity))
                it->second += tree_.files.path(*file);
    } catch (const problem&) {
        it->second.clear();
    }
    return it->second;
}

bool parse_cache::knows(const unit& what, parsed_unit& result) {
    const auto found = entries_.find(command_of(what));
    if (found == entries_.end())
        return false;
    entry& known = found->second;
    for (const std::string& path : known.read) {
        const std::string& state = state_of(path);
        if (state.empty() || state != known_[path])
            return false;
    }
    result = {};
    known.used = deserialised(known.findings, result.findings);
    return known.used;
}

void parse_cache::keep(const unit& what, const parsed_unit& result, const std::set<std::string>& read) {
    const std::string command = command_of(what);
    entries_.erase(command);
    if (!result.first_error.empty())
        return;
    entry& made = entries_[command];
    made.findings = serialised(result.findings);
    made.read.assign(read.begin(), read.end());
    made.used = true;
}

std::set<std::string> parse_cache::read() const {
    std::set<std::string> paths;
    for (const auto& [command, each] : entries_)
        if (each.used)
            paths.insert(each.read.begin(), each.read.end());
    return paths;
}

std::string parse_cache::text() {
    std::map<std::string, std::uint64_t> numbers;
    for (const auto& [command, each] : entries_)
        if (each.used)
            for (const std::string& path : each.read)
                numbers.try_emplace(path);
    writer out;
    out.string(key_);
    out.number(numbers.size());
    std::uint64_t next = 0;
    for (auto& [path, number] : numbers) {
        number = next++;
        out.string(path);
        out.string(state_of(path));
    }
    for (const auto& [command, each] : entries_) {
        if (!each.used)
            continue;
        out.string(command);
        out.string(each.findings);
        out.number(each.read.size());
        for (const std::string& path : each.read)
            out.number(numbers[path]);
    }
    return magic + out.take();
}

std::string parse_cache::serialised(const unit_findings& findings) const {
    writer out;
    auto place_at = [&](const place& at) {
        out.string(tree_.files.path(at.file));
        out.number(at.offset);
    };
    out.number(findings.sites.size());
    for (const site& each : findings.sites) {
        out.string(each.rule->name);
        place_at(each.at);
        in_order(each, [&](const auto& part) { out.part(part); });
        out.number(each.edits.size());
        for (const insertion& edit : each.edits)
            in_order(edit, [&](const auto& part) { out.part(part); });
    }
    out.number(findings.skips.size());
    for (const skip& each : findings.skips) {
        out.string(each.rule->name);
        place_at(each.at);
        out.string(each.reason);
    }
    out.number(findings.bodies.size());
    for (const place& each : findings.bodies)
        place_at(each);
    for (const std::set<unsigned>* files : {&findings.c_files, &findings.entered, &findings.enclosed}) {
        out.number(files->size());
        for (unsigned file : *files)
            out.string(tree_.files.path(file));
    }
    return out.take();
}

bool parse_cache::deserialised(const std::string& text, unit_findings& findings) const {
    try {
        reader in(text);
        auto place_at = [&] {
            const unsigned file = file_numbers_.at(in.string());
            return place{file, static_cast<unsigned>(in.number())};
        };
        for (std::uint64_t n = in.number(); n > 0; --n) {
            site each;
            each.rule = rules_.at(in.string());
            each.at = place_at();
            in_order(each, [&](auto& part) { in.part(part); });
            for (std::uint64_t edits = in.number(); edits > 0; --edits)
                in_order(each.edits.emplace_back(), [&](auto& part) { in.part(part); });
            findings.sites.push_back(std::move(each));
        }
        for (std::uint64_t n = in.number(); n > 0; --n) {
            const rule_info* rule = rules_.at(in.string());
            const place at = place_at();
            findings.skips.insert({rule, at, lasting(in.string())});
        }
        for (std::uint64_t n = in.number(); n > 0; --n)
            findings.bodies.insert(place_at());
        for (std::set<unsigned>* files : {&findings.c_files, &findings.entered, &findings.enclosed})
            for (std::uint64_t n = in.number(); n > 0; --n)
                files->insert(file_numbers_.at(in.string()));
        return true;
    } catch (const std::out_of_range&) {
        findings = {};
        return false;
    }
}

}  // namespace squall::rewrite
