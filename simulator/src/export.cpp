// Which format a file is to have, and writing it.
#include <squall/export.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace squall {

record_format record_format_of(const std::string& path) {
    const auto named = record_format_named(std::filesystem::path(path).extension().string());
    if (!named)
        throw std::invalid_argument("squall: the extension of '" + path +
                                    "' names no format of a record; there are " +
                                    std::string(record_formats));
    return *named;
}

void export_record(std::ostream& out, record_format format, std::span<const recorded_event> events) {
    switch (format) {
        case record_format::text:
            return export_text(out, events);
        case record_format::json_lines:
            return export_json_lines(out, events);
        case record_format::trace:
            return export_trace(out, events);
        case record_format::shiviz:
            return export_shiviz(out, events);
    }
}

void write_record(const std::string& path, std::span<const recorded_event> events) {
    const record_format format = record_format_of(path);
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    if (out)
        export_record(out, format, events);
    out.close();
    if (!out)
        throw std::runtime_error("squall: cannot write the record to '" + path +
                                 "': " + std::generic_category().message(errno));
}

}  // namespace squall
