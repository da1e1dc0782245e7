// Stamps a line of spdlog's, and records it.
#include <squall/log_sink.h>

#include <squall/current_world.h>

#include <string>

namespace squall {

void log_sink::sink_it_(const spdlog::details::log_msg& line) {
    spdlog::memory_buf_t text;
    const auto moment = current_moment();
    if (moment) {
        const auto append = [](std::string& to, spdlog::string_view_t in_brackets) {
            to.append("[").append(in_brackets.data(), in_brackets.size()).append("] ");
        };
        // Neither real time nor thread: equal seeds have equal lines.
        std::string said;
        if (line.logger_name.size() != 0)
            append(said, line.logger_name);
        append(said, spdlog::level::to_string_view(line.level));
        said.append(line.payload.data(), line.payload.size());
        log_to_current_world(said);
        char stamp[40];
        std::snprintf(stamp, sizeof stamp, "%12.6f s", static_cast<double>(moment->now.count()) * 1e-9);
        std::string whole;
        append(whole, stamp);
        const std::string_view who = moment->process.empty() ? "-" : moment->process;
        append(whole, {who.data(), who.size()});
        append(whole, "seed " + std::to_string(moment->seed));
        whole += said + "\n";
        text.append(whole.data(), whole.data() + whole.size());
    } else {
        formatter_->format(line, text);
    }
    if (out_ != nullptr)
        std::fwrite(text.data(), 1, text.size(), out_);
}

void log_sink::flush_() {
    if (out_ != nullptr)
        std::fflush(out_);
}

}  // namespace squall
