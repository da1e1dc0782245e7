// The three forms.
#include "lint/report.h"

#include "core/identity.h"

#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Support/xxhash.h>

#include <algorithm>
#include <set>

namespace squall::rewrite {
namespace {

std::string_view line_of(std::string_view text, unsigned line) {
    for (unsigned i = 1; i < line; ++i)
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    text = text.substr(0, text.find('\n'));
    return text.substr(0, text.find('\r'));
}

std::string valid(std::string_view text) {
    return llvm::json::fixUTF8(llvm::StringRef(text.data(), text.size()));
}

std::string name_of(const lint_check& check) {
    return "squall-" + std::string(check.name);
}

// From bytes to characters, which is what SARIF counts in; both from 1.
std::int64_t character_column(std::string_view line, unsigned column) {
    std::int64_t characters = 1;
    for (std::size_t i = 0; i + 1 < column && i < line.size(); ++i)
        characters += (static_cast<unsigned char>(line[i]) & 0xc0u) != 0x80u;
    return characters;
}

// A relative reference in which nothing means anything but itself.
std::string uri(const std::string& path) {
    constexpr std::string_view plain = "-._~/+,=@()!$&'*;";
    std::string out;
    for (char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || plain.find(c) != std::string_view::npos) {
            out += c;
        } else {
            constexpr std::string_view digits = "0123456789ABCDEF";
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

llvm::json::Object region(std::string_view line, unsigned number, unsigned column, unsigned length) {
    return llvm::json::Object{{"startLine", number},
                              {"startColumn", character_column(line, column)},
                              {"endLine", number},
                              {"endColumn", character_column(line, column + length)}};
}

std::string printed(llvm::json::Value value) {
    std::string text;
    llvm::raw_string_ostream(text) << llvm::formatv("{0:2}", value);
    return text + '\n';
}

}  // namespace

std::size_t lint_report::told() const {
    return static_cast<std::size_t>(std::ranges::count(findings, false, &finding::suppressed));
}

std::string report_text(const lint_report& report) {
    std::string out;
    for (const finding& each : report.findings) {
        if (each.suppressed)
            continue;
        const std::string place = std::to_string(each.line) + ':' + std::to_string(each.column);
        out += report.paths.at(each.file) + ':' + place + ": warning: " + each.message + " [" +
               name_of(*each.check) + "]\n";
        const std::string_view line = line_of(report.texts.at(each.file), each.line);
        const std::string number = std::to_string(each.line);
        out.append(number.size() < 5 ? 5 - number.size() : 0, ' ')
            .append(number)
            .append(" | ")
            .append(line)
            .append("\n");
        std::string marks(each.column - 1, ' ');
        // Tabs of the line stay, so that the caret stands below its place.
        for (std::size_t i = 0; i < marks.size() && i < line.size(); ++i)
            if (line[i] == '\t')
                marks[i] = '\t';
        marks += '^' + std::string(each.length - 1, '~');
        out.append("      | ").append(marks).append("\n");
        if (!each.fix.empty() && each.fix_line == each.line)
            out.append("      | ").append(each.fix_column - 1, ' ').append(each.fix).append("\n");
    }
    return out;
}

std::string report_json(const lint_report& report) {
    llvm::json::Array all;
    for (const finding& each : report.findings)
        all.push_back(llvm::json::Object{
            {"check", name_of(*each.check)},
            {"file", valid(report.paths.at(each.file))},
            {"line", each.line},
            {"column", each.column},
            {"message", valid(each.message)},
            {"fix", each.fix.empty() ? llvm::json::Value(nullptr) : llvm::json::Value(valid(each.fix))},
            {"suppressed", each.suppressed}});
    llvm::json::Object unparsed;
    for (const auto& [path, error] : report.unparsed)
        unparsed[valid(path)] = valid(error);
    return printed(llvm::json::Object{{"version", 1},
                                      {"findings", std::move(all)},
                                      {"told", static_cast<std::int64_t>(report.told())},
                                      {"unparsed", std::move(unparsed)}});
}

std::string report_sarif(const lint_report& report) {
    llvm::json::Array rules;
    for (const lint_check& each : all_checks())
        rules.push_back(
            llvm::json::Object{{"id", name_of(each)},
                               {"shortDescription", llvm::json::Object{{"text", std::string(each.summary)}}},
                               {"help", llvm::json::Object{{"text", std::string(each.advice)}}},
                               {"defaultConfiguration", llvm::json::Object{{"level", "warning"}}}});

    // Alike ones on alike lines of a file are told apart by their number.
    std::map<std::string, unsigned> seen;
    llvm::json::Array results;
    for (const finding& each : report.findings) {
        const std::string& path = report.paths.at(each.file);
        const std::string_view line = line_of(report.texts.at(each.file), each.line);
        const llvm::json::Object file{{"uri", valid(uri(path))}, {"uriBaseId", "SRCROOT"}};
        std::string key = name_of(*each.check) + '|' + path + '|' + without_space(line);
        key += '|' + std::to_string(seen[key]++);
        llvm::json::Object result{
            {"ruleId", name_of(*each.check)},
            {"ruleIndex", static_cast<std::int64_t>(each.check - all_checks().data())},
            {"level", "warning"},
            {"message", llvm::json::Object{{"text", valid(each.message)}}},
            {"locations",
             llvm::json::Array{llvm::json::Object{
                 {"physicalLocation",
                  llvm::json::Object{{"artifactLocation", llvm::json::Object(file)},
                                     {"region", region(line, each.line, each.column, each.length)}}}}}},
            {"partialFingerprints", llvm::json::Object{{"squallLine/v1", hex(llvm::xxh3_64bits(key))}}}};
        if (each.suppressed)
            result["suppressions"] = llvm::json::Array{llvm::json::Object{{"kind", "inSource"}}};
        if (!each.fix.empty()) {
            const std::string_view fixed = line_of(report.texts.at(each.file), each.fix_line);
            result["fixes"] = llvm::json::Array{llvm::json::Object{
                {"artifactChanges",
                 llvm::json::Array{llvm::json::Object{
                     {"artifactLocation", llvm::json::Object(file)},
                     {"replacements",
                      llvm::json::Array{llvm::json::Object{
                          {"deletedRegion", region(fixed, each.fix_line, each.fix_column, 0)},
                          {"insertedContent", llvm::json::Object{{"text", valid(each.fix)}}}}}}}}}}};
        }
        results.push_back(std::move(result));
    }
    llvm::json::Array notes;
    for (const auto& [path, error] : report.unparsed)
        notes.push_back(llvm::json::Object{
            {"level", "error"},
            {"message", llvm::json::Object{{"text", valid(path + " does not parse: " + error)}}}});
    return printed(llvm::json::Object{
        {"$schema",
         "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"},
        {"version", "2.1.0"},
        {"runs",
         llvm::json::Array{llvm::json::Object{
             {"tool", llvm::json::Object{{"driver", llvm::json::Object{{"name", "squall lint"},
                                                                       {"semanticVersion", report.version},
                                                                       {"rules", std::move(rules)}}}}},
             {"columnKind", "unicodeCodePoints"},
             {"originalUriBaseIds",
              llvm::json::Object{
                  {"SRCROOT", llvm::json::Object{{"uri", valid("file://" + uri(report.root) + '/')}}}}},
             {"invocations",
              llvm::json::Array{llvm::json::Object{{"executionSuccessful", report.unparsed.empty()},
                                                   {"toolExecutionNotifications", std::move(notes)}}}},
             {"results", std::move(results)}}}}});
}

std::string fixed_text(const lint_report& report, unsigned file) {
    const std::string& text = report.texts.at(file);
    std::map<std::size_t, std::string> insertions;
    for (const finding& each : report.findings) {
        if (each.file != file || each.suppressed || each.fix.empty())
            continue;
        const std::string_view line = line_of(text, each.fix_line);
        insertions[static_cast<std::size_t>(line.data() - text.data()) + each.fix_column - 1] = each.fix;
    }
    std::string fixed;
    std::size_t copied = 0;
    for (const auto& [offset, insertion] : insertions) {
        fixed.append(text, copied, offset - copied).append(insertion);
        copied = offset;
    }
    return fixed.append(text, copied);
}

}  // namespace squall::rewrite
