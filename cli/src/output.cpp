// What a verb prints.
#include "output.h"

#include "error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace squall::cli {

void write_out(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) {
        return;
    }
    const int problem = errno;
    if (problem == EPIPE) {
        throw error("", 128 + SIGPIPE);
    }
    throw error(fmt::format("cannot write to stdout: {}", std::strerror(problem)));
}

void write_json(const nlohmann::ordered_json& value) {
    write_out(
        std::string_view(value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n"));
}

}  // namespace squall::cli
