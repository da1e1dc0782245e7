// Where spdlog's lines go in a simulation: stamped with virtual time, process and seed, and into the event
// record. Outside of a simulation an ordinary sink. Link squall::log.
//
//   auto logger = std::make_shared<spdlog::logger>("store", squall::make_log_sink());
//   spdlog::set_default_logger(logger);
//
// In a world:      [    1.203344 s] [server/0] [seed 17] [store] [info] became leader
// Outside of one:  as the sink's pattern says.
//
// One sink serves any number of worlds and threads. Loggers must not be asynchronous: what another thread
// writes belongs to no world.
#ifndef SQUALL_LOG_SINK_H
#define SQUALL_LOG_SINK_H

#include <spdlog/sinks/base_sink.h>

#include <cstdio>
#include <memory>
#include <mutex>

namespace squall {

class log_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    // Lines go to `out`, which stays open as long as the sink; with nullptr those of worlds go into the
    // record alone, and others nowhere.
    explicit log_sink(std::FILE* out = stderr) : out_(out) {}

private:
    void sink_it_(const spdlog::details::log_msg& line) override;
    void flush_() override;

    std::FILE* out_;
};

inline std::shared_ptr<log_sink> make_log_sink(std::FILE* out = stderr) {
    return std::make_shared<log_sink>(out);
}

}  // namespace squall

#endif  // SQUALL_LOG_SINK_H
