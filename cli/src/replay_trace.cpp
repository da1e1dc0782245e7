// The record of a replayed run.
#include "replay_trace.h"

#include "error.h"
#include "output.h"
#include "text.h"

#include <squall/export.h>

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

namespace squall::cli {

namespace fs = std::filesystem;

namespace {

struct format_name {
    std::string_view name;
    std::string_view extension;
};
constexpr format_name formats[] = {
    {"perfetto", ".json"}, {"shiviz", ".shiviz"}, {"jsonl", ".jsonl"}, {"text", ".txt"}};

error cannot_write(const std::string& file) {
    return error(fmt::format("cannot write {}: {}", printable(file), std::strerror(errno)));
}

}  // namespace

trace_request trace_by_extension(const std::string& file) {
    const auto format = squall::record_format_named(fs::path(file).extension().string());
    if (!format) {
        throw error(fmt::format("--record: the extension of '{}' names no format; there are {}",
                                printable(file), squall::record_formats));
    }
    return {file, *format};
}

trace_request trace_by_name(const std::string& text, std::uint64_t seed) {
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string_view wanted = std::string_view(text).substr(0, equals);
    for (const format_name& known : formats) {
        if (known.name != wanted) {
            continue;
        }
        const squall::record_format format = *squall::record_format_named(known.extension);
        if (equals == text.size()) {
            return {fmt::format("seed-{}{}", seed, known.extension), format};
        }
        const std::string file = text.substr(equals + 1);
        if (file.empty()) {
            throw error(fmt::format("--trace {}: no file after = (- is stdout)", printable(text)));
        }
        return {file == "-" ? std::string() : file, format};
    }
    throw error(fmt::format("--trace: '{}' is no format; there are perfetto, shiviz, jsonl and text",
                            printable(wanted)));
}

void prepare_trace(const trace_request& trace) {
    if (!trace.file.empty() && !std::ofstream(trace.file, std::ios::binary | std::ios::trunc)) {
        throw cannot_write(trace.file);
    }
}

void write_trace(const trace_request& trace, std::span<const squall::recorded_event> events) {
    const bool to_stdout = trace.file.empty();
    if (events.empty()) {
        fmt::print(stderr,
                   "squall: no record was written{}: the worker told of no events (was the test binary built "
                   "with an older squall?)\n",
                   to_stdout ? "" : " to " + printable(trace.file));
        std::error_code ignored;
        if (fs::is_regular_file(trace.file, ignored)) {
            fs::remove(trace.file, ignored);
        }
        return;
    }
    if (to_stdout) {
        std::ostringstream text;
        squall::export_record(text, trace.format, events);
        write_out(text.view());
        return;
    }
    std::ofstream file(trace.file, std::ios::binary | std::ios::trunc);
    squall::export_record(file, trace.format, events);
    file.close();
    if (!file) {
        throw cannot_write(trace.file);
    }
}

}  // namespace squall::cli
