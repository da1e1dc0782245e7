// Where sites are read from.
#include "site_source.h"

#include "campaign_file.h"
#include "elf_file.h"
#include "error.h"
#include "text.h"

#include <squall/catalog.h>
#include <squall/site_text.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <tuple>
#include <unordered_map>

namespace squall::cli {

namespace fs = std::filesystem;
using plain_json = nlohmann::json;

namespace {

constexpr const char* sites_section = "squall_sites";
constexpr const char* sites_list = "squall-sites.json";

std::string kind_name(unsigned kind) {
    const std::string_view known = to_string(static_cast<site_kind>(kind));
    // Kinds are only ever added, so an unknown one is of a newer squall, and the record can still be read.
    return known == "unknown" ? fmt::format("kind-{}", kind) : std::string(known);
}

raw_site parse_record(std::span<const std::byte> bytes, const std::string& origin, std::uint64_t at) {
    const auto damaged = [&](const std::string& what) {
        throw error(
            fmt::format("{} is damaged at byte {}, in the section {}: {}", origin, at, sites_section, what));
    };
    site_record head;
    static_assert(sizeof head == 32);
    if (bytes.size() < sizeof head) {
        damaged(fmt::format("a record's head of 32 bytes, and only {} are left", bytes.size()));
    }
    std::memcpy(&head, bytes.data(), sizeof head);
    if (head.version != site_record_version) {
        throw error(
            fmt::format("{}: the site record at byte {} is of version {}; this squall reads version {}",
                        origin, at, head.version, site_record_version));
    }
    if (head.size <= sizeof head || head.size % 32 != 0 || head.size > bytes.size()) {
        damaged(fmt::format("a record of {} bytes, and {} are left", head.size, bytes.size()));
    }
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + sizeof head,
                                head.size - sizeof head);
    const auto parts = read_site_text(text);
    if (!parts) {
        damaged("a record's text has fewer than four parts");
    }
    return {head.kind, head.id, head.line, *parts};
}

// Appends the records of one section's bytes, which must outlive them.
void parse_section(std::vector<raw_site>& records, std::span<const std::byte> bytes,
                   const std::string& origin, std::uint64_t offset) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        const auto rest = bytes.subspan(at);
        const auto head = rest.first(std::min<std::size_t>(rest.size(), 32));
        if (std::all_of(head.begin(), head.end(), [](std::byte b) { return b == std::byte{0}; })) {
            at += head.size();  // a linker's padding
            continue;
        }
        records.push_back(parse_record(rest, origin, offset + at));
        std::uint32_t size = 0;
        std::memcpy(&size, rest.data() + offsetof(site_record, size), sizeof size);
        at += size;
    }
}

std::vector<catalog_record> resolved(const std::vector<raw_site>& raw) {
    std::vector<catalog_record> records;
    std::unordered_map<std::uint64_t, std::uint32_t>
        lines;  // of places that their message or name identifies
    for (const resolved_site& site : resolve_sites(raw)) {
        const raw_site& from = raw[site.raw];
        if (from.id == 0 && lines.try_emplace(site.id, from.line).first->second != from.line) {
            throw error(fmt::format("one message for two places: {}:{} and {}:{}: \"{}\"",
                                    printable(from.text.file), lines[site.id], printable(from.text.file),
                                    from.line, printable(site.detail)));
        }
        records.push_back({0, fmt::format("{:016x}", site.id), kind_name(static_cast<unsigned>(from.kind)),
                           std::string(from.text.rule), std::string(from.text.file), from.line, site.function,
                           site.detail});
    }
    return records;
}

std::vector<catalog_record> from_binary(const std::string& path) {
    const std::vector<section_bytes> sections = find_sections(path, sites_section);
    std::vector<raw_site> raw;
    for (const section_bytes& section : sections) {
        parse_section(raw, section.bytes, section.origin, section.offset);
    }
    auto records = resolved(raw);
    if (records.empty()) {
        throw error(
            fmt::format("no sites in {}: it has no section {} (was its source instrumented, or does it use "
                        "SQUALL_ macros? if so: link without --gc-sections, or with -z nostart-stop-gc)",
                        printable(path), sites_section));
    }
    return without_repeats(std::move(records));
}

std::vector<catalog_record> from_list(const std::string& directory) {
    const std::string path = (fs::path(directory) / sites_list).string();
    const std::string shown = printable(path);
    std::ifstream file(path);
    if (!file) {
        throw error(
            fmt::format("no sites in the directory {}: it has no {} (name the output directory of squall "
                        "instrument, or a "
                        "binary)",
                        printable(directory), sites_list));
    }
    std::vector<catalog_record> records;
    try {
        const plain_json list = plain_json::parse(file);
        if (list.at("format") != "squall-sites" || list.at("schema") != 1) {
            throw error(fmt::format("{} is of another version than this squall reads (1)", shown));
        }
        for (const plain_json& entry : list.at("sites")) {
            records.push_back({0, entry.at("id").get<std::string>(),
                               kind_name(entry.at("kind").get<unsigned>()),
                               entry.at("rule").get<std::string>(), entry.at("file").get<std::string>(),
                               entry.at("line").get<std::uint32_t>(), entry.at("function").get<std::string>(),
                               entry.at("detail").get<std::string>()});
        }
    } catch (const plain_json::exception& problem) {
        throw error(fmt::format("{} is damaged: {}", shown, problem.what()));
    }
    if (records.empty()) {
        throw error(fmt::format(
            "no sites in {}: squall instrument found nothing to do (squall instrument --verbose says why)",
            shown));
    }
    return without_repeats(std::move(records));
}

}  // namespace

std::vector<catalog_record> parse_site_records(std::span<const std::byte> bytes, const std::string& origin,
                                               std::uint64_t offset) {
    std::vector<raw_site> raw;
    parse_section(raw, bytes, origin, offset);
    return resolved(raw);
}

std::vector<catalog_record> without_repeats(std::vector<catalog_record> records) {
    std::unordered_map<std::string, std::size_t> by_id;
    std::vector<catalog_record> result;
    for (catalog_record& record : records) {
        const auto [found, is_new] = by_id.try_emplace(record.id, result.size());
        if (is_new) {
            result.push_back(std::move(record));
            continue;
        }
        const catalog_record& had = result[found->second];
        if (std::tie(had.rule, had.file, had.function, had.detail) !=
            std::tie(record.rule, record.file, record.function, record.detail)) {
            throw error(fmt::format(
                "two different sites have the id {}: {} at {}:{} in {}, and {} at {}:{} in {} (instrument "
                "both "
                "sources in one go)",
                record.id, printable(had.rule), printable(had.file), had.line, printable(had.function),
                printable(record.rule), printable(record.file), record.line, printable(record.function)));
        }
    }
    return result;
}

bool is_source(const std::string& target) {
    std::error_code code;
    const fs::path path(target);
    if (fs::is_directory(path, code)) {
        return !fs::exists(path / sites_list, code);
    }
    static const std::set<std::string> extensions = {".cc", ".cpp", ".cxx", ".c++", ".C",   ".h",
                                                     ".hh", ".hpp", ".hxx", ".ipp", ".tpp", ".inc"};
    return fs::is_regular_file(path, code) && extensions.contains(path.extension().string());
}

site_listing read_sites(const std::string& target) {
    std::error_code code;
    if (!fs::exists(target, code)) {
        throw error(fmt::format("no such file: {}", printable(target)));
    }
    site_listing listing;
    if (campaign_file::looks_like_one(target)) {
        const auto file = campaign_file::read(target);
        listing.places = file->places();
        listing.simulations = file->simulations();
        listing.has_counts = true;
        if (listing.places.empty()) {
            throw error(
                fmt::format("no sites in the campaign {}: its test binary has none, or no run was made yet",
                            printable(target)));
        }
    } else {
        for (catalog_record& record :
             fs::is_directory(target, code) ? from_list(target) : from_binary(target)) {
            listing.places.emplace_back().what = std::move(record);
        }
    }
    std::sort(listing.places.begin(), listing.places.end(), [](const place& a, const place& b) {
        return std::tie(a.what.file, a.what.line, a.what.id) < std::tie(b.what.file, b.what.line, b.what.id);
    });
    return listing;
}

}  // namespace squall::cli
