// The clients of the simulated store: writes and reads side by side, checked against what may be there.
#ifndef KV_SIM_KV_WORKLOAD_H
#define KV_SIM_KV_WORKLOAD_H

#include "kv/client.h"

#include <squall/simulation.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace kv_sim {

namespace asio = boost::asio;

inline constexpr std::uint16_t server_port = 7000;

// One simulated client with several lanes. A lane owns one key: it alone writes it, one write at a time,
// numbered from 1; what write n puts (or that it deletes) follows from the key and n alone. So any reader can
// tell a value that nobody wrote, and the owner can tell what a read may return:
//
//   - the last write that was acknowledged or seen by a read (the floor), or
//   - a later one that was issued, whose outcome is unknown; never one after which a later one was seen.
class kv_workload final : public squall::workload {
public:
    asio::awaitable<void> setup(squall::workload_context& self) override;
    asio::awaitable<void> run(squall::workload_context& self) override;
    asio::awaitable<void> check(squall::workload_context& self) override;

private:
    // Of a key: writes below `floor` are history. Of keys of others only the floor is known.
    struct history {
        std::uint64_t floor = 0;
        std::uint64_t issued = 0;
    };

    asio::awaitable<void> lane(squall::workload_context& self, int number);
    asio::awaitable<void> write_own(const std::string& key);
    asio::awaitable<boost::system::error_code> read(const std::string& key, bool own);
    void judge(const std::string& key, bool own, std::uint64_t floor,
               const std::optional<std::string>& value);

    std::shared_ptr<kv::client> client_;
    std::map<std::string, history> keys_;
};

}  // namespace kv_sim

#endif  // KV_SIM_KV_WORKLOAD_H
