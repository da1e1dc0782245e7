// Fault injection in a running program: overrides of its sites, set from within, by the environment or by
// HTTP.
//
// Link squall::injection and the sites of the program obey SQUALL_INJECT and SQUALL_INJECT_HTTP, with no call
// in main(). Without them nothing is on: no thread, no socket, and the sites cost what they always cost.
//
// A site on a thread that works for a run (run.h) is that run's business and not touched by anything here.
// All functions are thread-safe; none waits for a thread that a site holds. docs/reference/injection.md tells
// the rest.
#ifndef SQUALL_INJECTION_H
#define SQUALL_INJECTION_H

#include <squall/catalog.h>
#include <squall/overrides.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace squall::injection {

// Overrides in the grammar of overrides.h. All of a text take effect together or, where it throws, none does.
// Throws override_error, whose position is that of the mistake or of the override that matches no site of the
// program or cannot do anything to those that it matches.
//
// An override begins anew when it is set: its counts of terms, its evaluations (from 0) and its chances. What
// it replaces lets go of whoever waits or sleeps in it; one that stays in force for a site goes on
// undisturbed.
void set_overrides(std::string_view text);  // in place of all others
void add_overrides(std::string_view text);  // after the others; in place of those with the same pattern
void clear_overrides();
std::string overrides();  // in canonical form

// Evaluation n of a site under an override is decided by
// mix(seed, stream_key(site id, stream_key("squall.injection")), n). The seed is 1 at first; setting another
// makes all overrides begin anew.
void set_seed(std::uint64_t seed);

// A site as it stands.
struct site_state {
    std::uint32_t index;
    std::uint64_t id;
    site_kind kind;
    std::uint32_t line;
    std::string rule, name, function, file;
    std::string override;     // the one in force, in canonical form; empty: none
    std::uint64_t evaluated;  // while an override was in force for it, since the last reset
    std::uint64_t acted;      // those of them that did something
    std::size_t waiting;      // threads and coroutines that are parked there
};

// Below, `pattern` is one as in an override ("rule:timeout", "name:flush*"); an empty one stands for all.
// They throw override_error where it is none.

// The fault sites of the program, by index.
std::vector<site_state> sites(std::string_view pattern = {});
// Those that have an override, or counts.
std::vector<site_state> counts(std::string_view pattern = {});
void reset_counts();

// Threads and coroutines that are parked at sites.
std::size_t waiting(std::string_view pattern = {});
// Lets them go on; their number. The overrides stay, and whoever comes next waits again.
std::size_t release(std::string_view pattern = {});

// Does what SQUALL_INJECT, SQUALL_INJECT_SEED and SQUALL_INJECT_HTTP say; the library calls it before main().
// Later calls do nothing. A mistake in one of them is told on stderr, and is as if it were not set.
void start_from_environment();
// The port that SQUALL_INJECT_HTTP led to; 0: none.
std::uint16_t environment_port() noexcept;

// All of the above over HTTP. Whoever reaches the port is obeyed: there is no authentication.
class http_server {
public:
    // Listens when it returns. A numeric address; port 0 takes a free one. A connection that makes no
    // progress ends after `patience`. Throws boost::system::system_error where the address is none or cannot
    // be had.
    explicit http_server(const std::string& address = "127.0.0.1", std::uint16_t port = 0,
                         std::chrono::milliseconds patience = std::chrono::seconds(5));
    ~http_server();
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    // Closes the port and all connections. Doing it again does nothing; not to be called by two threads at
    // once.
    void stop() noexcept;

private:
    class service;
    std::unique_ptr<service> service_;
    std::uint16_t port_ = 0;
};

}  // namespace squall::injection

#endif  // SQUALL_INJECTION_H
