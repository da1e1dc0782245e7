// The record of a replayed run.
#include "replay_trace.h"

#include "error.h"
#include "output.h"
#include "text.h"

#include <squall/record_format.h>

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include <unistd.h>

namespace squall::cli {

namespace fs = std::filesystem;

namespace {

struct format_name {
    std::string_view name;
    std::string_view extension;
};
constexpr format_name formats[] = {
    {"perfetto", ".json"}, {"shiviz", ".shiviz"}, {"jsonl", ".jsonl"}, {"text", ".txt"}};

}  // namespace

trace_request trace_by_extension(const std::string& file) {
    if (!record_format_named(fs::path(file).extension().string())) {
        throw error(fmt::format("--record: the extension of '{}' names no format; there are {}",
                                printable(file), record_formats));
    }
    return {file, file, false};
}

trace_request trace_by_name(const std::string& text, std::uint64_t seed) {
    const std::size_t equals = std::min(text.find('='), text.size());
    const std::string_view wanted = std::string_view(text).substr(0, equals);
    for (const format_name& format : formats) {
        if (format.name != wanted) {
            continue;
        }
        if (equals == text.size()) {
            const std::string file = fmt::format("seed-{}{}", seed, format.extension);
            return {file, file, false};
        }
        const std::string file = text.substr(equals + 1);
        if (file.empty()) {
            throw error(fmt::format("--trace {}: no file after = (- is stdout)", printable(text)));
        }
        if (file == "-") {
            const fs::path directory = fs::temp_directory_path();
            return {(directory / fmt::format("squall-trace-{}{}", getpid(), format.extension)).string(), file,
                    true};
        }
        return {fs::path(file).extension() == format.extension ? file : file + std::string(format.extension),
                file, false};
    }
    throw error(fmt::format("--trace: '{}' is no format; there are perfetto, shiviz, jsonl and text",
                            printable(wanted)));
}

void ask_for_trace(const trace_request& trace) {
    std::error_code problem;
    for (const std::string& file : {trace.file, trace.wanted}) {
        if (fs::is_regular_file(file, problem)) {
            fs::remove(file, problem);
        }
    }
    setenv("SQUALL_RECORD", trace.file.c_str(), 1);
}

void finish_trace(const trace_request& trace) {
    unsetenv("SQUALL_RECORD");
    std::error_code problem;
    if (!fs::exists(trace.file, problem)) {
        fmt::print(stderr, "squall: no record was written to {}: the run did not come to its end\n",
                   printable(trace.wanted));
        return;
    }
    if (trace.to_stdout) {
        std::ifstream in(trace.file, std::ios::binary);
        fs::remove(trace.file, problem);  // also where stdout has gone
        std::vector<char> buffer(1 << 16);
        while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0) {
            write_out({buffer.data(), static_cast<std::size_t>(in.gcount())});
        }
    } else if (trace.file != trace.wanted) {
        fs::rename(trace.file, trace.wanted, problem);
        if (problem) {
            throw error(fmt::format("cannot write {}: {}", printable(trace.wanted), problem.message()));
        }
    }
}

}  // namespace squall::cli
