// SQUALL_RECORD in the environment: the file that the record of a run is to be written to.
#ifndef SQUALL_SIMULATOR_RECORD_FILE_H
#define SQUALL_SIMULATOR_RECORD_FILE_H

#include <squall/export.h>
#include <squall/simulation.h>

#include <cstdlib>
#include <string>

namespace squall::simulator {

class record_file {
public:
    // Throws std::invalid_argument if the extension names no format.
    record_file() {
        const char* path = std::getenv("SQUALL_RECORD");
        if (path == nullptr || *path == '\0')
            return;
        path_ = path;
        record_format_of(path_);
    }
    // Whether one is wanted.
    explicit operator bool() const { return !path_.empty(); }
    // Of several runs the last one stays. Throws std::runtime_error.
    void write(const run_result& result) const {
        if (!path_.empty())
            write_record(path_, result.record);
    }

private:
    std::string path_;
};

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_RECORD_FILE_H
