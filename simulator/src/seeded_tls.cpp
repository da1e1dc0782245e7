// OpenSSL's random bytes and its clock, for simulated processes.
#include <squall/seeded_tls.h>

#include "running.h"

#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <chrono>
#include <stdexcept>
#include <utility>

// The one interface by which a program can take the place of all of OpenSSL 3's generators; deprecated there.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace squall {
namespace {

constexpr std::uint64_t outside_stream = stream_key("squall.tls-outside");

thread_local seeded_tls* innermost = nullptr;
const RAND_METHOD* others = nullptr;  // of threads without a scope

int bytes(unsigned char* to, int size) {
    if (innermost == nullptr)
        return others->bytes(to, size);
    if (size > 0)
        innermost->draw(to, static_cast<std::size_t>(size));
    return 1;
}
int pseudo_bytes(unsigned char* to, int size) {
    if (innermost == nullptr && others->pseudorand != nullptr)
        return others->pseudorand(to, size);
    return bytes(to, size);
}
// What a program stirs in is no seed's: within a scope it changes nothing.
int stir_in(const void* from, int size, double entropy) {
    return innermost == nullptr && others->add != nullptr ? others->add(from, size, entropy) : 1;
}
int seed_with(const void* from, int size) {
    return innermost == nullptr && others->seed != nullptr ? others->seed(from, size) : 1;
}
int ready() {
    return innermost == nullptr && others->status != nullptr ? others->status() : 1;
}

// Called by OpenSSL at the end of SSL_new().
void settle(void* parent, void*, CRYPTO_EX_DATA*, int, long, void*) {
    simulator::boot* const boot = simulator::running_boot();
    if (innermost == nullptr || boot == nullptr || parent == nullptr)
        return;
    auto* const connection = static_cast<SSL*>(parent);
    SSL_set_num_tickets(connection, 0);
    SSL_set_options(connection, SSL_OP_NO_TICKET);
    const auto now = asio::use_service<provider_service>(*boot).get().wall_now().time_since_epoch();
    X509_VERIFY_PARAM_set_time(SSL_get0_param(connection),
                               std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

bool install() {
    static const RAND_METHOD method = {&seed_with, &bytes, nullptr, &stir_in, &pseudo_bytes, &ready};
    others = RAND_get_rand_method();
    return others != nullptr && RAND_set_rand_method(&method) == 1 &&
           SSL_get_ex_new_index(0, nullptr, &settle, nullptr, nullptr) >= 0;
}

}  // namespace

seeded_tls::seeded_tls(std::uint64_t seed) : outer_(innermost), outside_(seed, outside_stream) {
    static const bool installed = install();
    if (!installed)
        throw std::runtime_error(
            "squall: OpenSSL does not take a RAND_METHOD; seeded_tls needs one that does");
    innermost = this;
}

seeded_tls::~seeded_tls() {
    innermost = outer_;
}

void seeded_tls::draw(unsigned char* to, std::size_t size) noexcept {
    while (size > 0) {
        std::uint64_t word = 0;
        if (!detail::draw_library_bits(word))
            word = outside_.next();
        const std::size_t taken = size < sizeof word ? size : sizeof word;
        for (std::size_t i = 0; i < taken; ++i)  // low byte first on every machine
            to[i] = static_cast<unsigned char>(word >> (8 * i));
        to += taken;
        size -= taken;
    }
}

}  // namespace squall
