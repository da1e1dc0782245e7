// Record texts and their escaping.
#include "core/site_table.h"

#include "core/identity.h"
#include "rules/rules.h"

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Support/xxhash.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

namespace squall::rewrite {
namespace {

constexpr std::size_t detail_bytes_max = 96;

// For people, and short: an argument may be a page of lambda.
std::string shortened(const std::string& detail) {
    if (detail.size() <= detail_bytes_max)
        return detail;
    std::size_t end = detail_bytes_max - 3;
    // Not within a UTF-8 sequence.
    while (end > 0 && (static_cast<unsigned char>(detail[end]) & 0xc0u) == 0x80u)
        --end;
    return detail.substr(0, end) + "...";
}

// A string literal of these bytes and a null; octal where the execution character set could differ.
std::string literal(const std::string& text, bool null) {
    std::string out = "\"";
    for (char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\' || c == '?') {
            (out += '\\') += c;
        } else if (byte < 0x20 || byte >= 0x7f) {
            out += '\\';
            out += static_cast<char>('0' + (byte >> 6));
            out += static_cast<char>('0' + ((byte >> 3) & 7));
            out += static_cast<char>('0' + (byte & 7));
        } else {
            out += c;
        }
    }
    return out + (null ? "\\0\"" : "\"");
}

std::size_t rounded(std::size_t bytes) {
    return (bytes + 31) / 32 * 32;
}

void print_record(llvm::raw_ostream& out, const site& each) {
    const std::string rule(each.rule->name);
    const std::string detail = shortened(each.detail);
    const std::size_t bytes = rule.size() + each.path.size() + each.function.size() + detail.size() + 4;
    out << (each.rule->kind == site_kind::coverage ? "SQUALL_COVERAGE_SITE("
            : each.firing != 0                     ? "SQUALL_SITE_FIRING("
                                                   : "SQUALL_SITE(")
        << hex(each.id) << ", " << rounded(bytes) << ", " << each.line << ", "
        << static_cast<unsigned>(each.rule->kind) << ", "
        << (each.firing != 0 ? std::to_string(each.firing) + ", " : "") << literal(rule, true) << ' '
        << literal(each.path, true) << ' ' << literal(each.function, true) << ' ' << literal(detail, false)
        << ')';
}

// Guarded one by one.
void print_guarded(llvm::raw_ostream& out, const site& each) {
    const std::string name = hex(each.id);
    out << "#ifndef SQUALL_SITE_" << name << "\n#define SQUALL_SITE_" << name << '\n';
    print_record(out, each);
    out << "\n#endif\n";
}

// As a macro that the file names.
void print_table(llvm::raw_ostream& out, std::span<const site> of_file) {
    const std::string name = table_name(of_file);
    if (name.empty())
        return;
    out << "#ifndef " << name << "\n#define " << name;
    for (const site& each : of_file) {
        if (each.of_variable)
            continue;
        out << " \\\n";
        print_record(out, each);
    }
    out << "\n#endif\n";
}

}  // namespace

std::string table_name(std::span<const site> of_file) {
    std::string ids;
    for (const site& each : of_file)
        if (!each.of_variable)
            ids += hex(each.id) + std::to_string(each.line) + ' ';
    return ids.empty() ? ids : "SQUALL_SITES_" + hex(llvm::xxh3_64bits(ids));
}

std::string site_header(std::span<const site> sites, const std::set<unsigned>& requested,
                        const std::set<unsigned>* files, const std::string& hooks) {
    std::string text;
    llvm::raw_string_ostream out(text);
    out << "// The records of sites. Written by `squall instrument`; to be included ahead of everything "
           "else\n"
           "// in a translation unit: -include squall-sites.h, or all of squall.flags.\n"
           "#pragma GCC system_header\n"
           "#include \""
        << hooks << "\"\n";
    for (auto first = sites.begin(); first != sites.end();) {
        const unsigned file = first->at.file;
        const auto last = std::find_if(first, sites.end(), [&](const site& s) { return s.at.file != file; });
        const std::span<const site> here(first, last);
        first = last;
        if (files && !files->contains(file))
            continue;
        const bool own = requested.contains(file);
        if (own)
            print_table(out, here);
        // The places of one variable may lie in several files and have one record.
        for (const site& each : here)
            if (!own || each.of_variable)
                print_guarded(out, each);
    }
    return text;
}

std::string whole_site_header(std::span<const site> sites) {
    std::string text;
    llvm::raw_string_ostream out(text);
    out << "#pragma GCC system_header\n" << site_header_source;
    for (const site& each : sites)
        print_guarded(out, each);
    return text;
}

std::string site_json(std::span<const site> sites) {
    std::vector<const site*> sorted;
    for (const site& each : sites)
        sorted.push_back(&each);
    std::ranges::sort(sorted, [](const site* a, const site* b) {
        return std::tie(a->path, a->line, a->column, a->id) < std::tie(b->path, b->line, b->column, b->id);
    });
    std::string text;
    llvm::raw_string_ostream out(text);
    auto string = [](std::string_view value) {
        return llvm::json::Value(llvm::json::fixUTF8(llvm::StringRef(value.data(), value.size())));
    };
    out << "{\"format\": \"squall-sites\", \"schema\": 1, \"sites\": [";
    const char* separator = "\n";
    // The places of one variable are one site.
    std::set<std::uint64_t> variables;
    for (const site* each : sorted) {
        if (each->of_variable && !variables.insert(each->id).second)
            continue;
        out << separator
            << llvm::json::Value(llvm::json::Object{{"id", hex(each->id)},
                                                    {"kind", static_cast<unsigned>(each->rule->kind)},
                                                    {"rule", string(each->rule->name)},
                                                    {"file", string(each->path)},
                                                    {"line", each->line},
                                                    {"column", each->column},
                                                    {"function", string(each->function)},
                                                    {"detail", string(shortened(each->detail))}});
        separator = ",\n";
    }
    out << (sorted.empty() ? "]}\n" : "\n]}\n");
    return text;
}

}  // namespace squall::rewrite
