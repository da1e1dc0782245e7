// TLS that a seed decides: OpenSSL as asio::ssl::stream uses it, in the simulator.
//
//     const squall::seeded_tls tls;      // on the thread that runs the worlds, around them
//     ... simulation(...).run() ...
//
// While a scope lives on the thread, for the simulated process whose code runs:
//
// - each random byte of OpenSSL's (keys, nonces, session ids, salts) comes from a stream of the process's
// own, keyed by
//   the world's seed, the process's name and its boot, whatever other processes draw;
// - a connection (SSL object) made by it checks certificates against the process's wall_clock, at the time it
// was made,
//   and hands out no session tickets, for those would carry the machine's time.
//
// The program itself needs no change. It is to make its ssl::context inside the simulated process, not once
// for all worlds: an RSA key remembers blinding values of its earlier uses, and a context session ids. Code
// on the thread that belongs to no simulated process (a test that makes a certificate) draws from `seed`;
// threads without a scope, and this one once the last scope is gone, have what they had before. What a test
// makes once for all worlds (a certificate in a static) is to be made before the first of them runs. Links
// squall::tls.
//
// Built on RAND_set_rand_method, which OpenSSL 3 calls deprecated and obeys before all its generators. The
// method stays installed from the first scope on and passes the draws of other threads on.
#ifndef SQUALL_SEEDED_TLS_H
#define SQUALL_SEEDED_TLS_H

#include <squall/decisions.h>

#include <cstdint>

namespace squall {

// Scopes nest. Throws std::runtime_error where OpenSSL does not take the method.
class seeded_tls {
public:
    explicit seeded_tls(std::uint64_t seed = 1);
    ~seeded_tls();
    seeded_tls(const seeded_tls&) = delete;
    seeded_tls& operator=(const seeded_tls&) = delete;

    // For OpenSSL's callback: `size` bytes for whoever runs on this thread.
    void draw(unsigned char* to, std::size_t size) noexcept;

private:
    seeded_tls* outer_;
    decision_stream outside_;
};

}  // namespace squall

#endif  // SQUALL_SEEDED_TLS_H
