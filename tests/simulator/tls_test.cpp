// asio::ssl over simulated streams, with OpenSSL's randomness and its clock out of the seed.
#include "support.h"

#include <squall/beast.h>
#include <squall/seeded_tls.h>

#include <boost/asio/ssl.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

#include <unistd.h>

namespace squall {
namespace {

using namespace testing_support;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tls_stream = asio::ssl::stream<stream>;

constexpr const char* child_variable = "SQUALL_TEST_CHILD";

struct pem {
    std::string key;
    std::string certificate;
};

template <class Write>
std::string text_of(Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    EXPECT_EQ(write(out.get()), 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

// Signs itself, for the process "b". Valid for two months around the first day of 2024, which is when a
// simulated process lives and nobody else does any more.
pem make_certificate(EVP_PKEY* made) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(made, &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate.get()), "231201000000Z");
    ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate.get()), "240201000000Z");
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* const name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("b"), -1, -1,
                               0);
    X509_set_issuer_name(certificate.get(), name);
    EXPECT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
    return {text_of([&](BIO* out) {
                return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
            }),
            text_of([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); })};
}

// Of no process: the same in each program that asks for it.
const pem& certificate(bool rsa) {
    static const std::array<pem, 2> both = [] {
        const seeded_tls outside(7);
        return std::array{make_certificate(EVP_EC_gen("P-256")), make_certificate(EVP_RSA_gen(2048))};
    }();
    return both[rsa ? 1 : 0];
}
// Made before any world runs: within the first one, its making would be drawn from a process of that world
// alone.
[[maybe_unused]] const pem& made_at_start = certificate(false);

asio::ssl::context server_context(bool rsa) {
    asio::ssl::context made(asio::ssl::context::tls_server);
    made.use_certificate_chain(asio::buffer(certificate(rsa).certificate));
    made.use_private_key(asio::buffer(certificate(rsa).key), asio::ssl::context::pem);
    return made;
}

asio::ssl::context client_context(bool rsa) {
    asio::ssl::context made(asio::ssl::context::tls_client);
    made.add_certificate_authority(asio::buffer(certificate(rsa).certificate));
    made.set_verify_mode(asio::ssl::verify_peer);
    return made;
}

struct tls_options {
    bool rsa = false;
    bool old = false;  // TLS 1.2
};

faults harsh(std::uint64_t seed) {
    faults f = draw_faults(seed, profile::hostile);
    f.network.close_connection = f.network.connect_refused = f.network.connect_hangs = f.network.flip_bit = 0;
    return f;
}

const std::string big = pattern(200'000);

asio::awaitable<void> echo(tls_stream& peer) {
    std::string block(5000, '\0');
    for (;;) {
        const auto [error, n] = co_await peer.async_read_some(asio::buffer(block), as_result);
        if (error) {
            EXPECT_EQ(error, asio::error::eof) << error.message();
            co_return;
        }
        co_await asio::async_write(peer, asio::buffer(block.data(), n), asio::use_awaitable);
    }
}

// a sends much to b and reads it back at the same time, and both take their leave; the digest of the run.
std::uint64_t tls_conversation(const faults& chosen, std::uint64_t seed, tls_options how = {}) {
    const seeded_tls tls;
    small_world w(chosen, seed);
    bool client_done = false;
    bool server_done = false;
    converse(
        w,
        [&](stream out) -> asio::awaitable<void> {
            auto context = client_context(how.rsa);
            if (how.old)
                context.set_options(asio::ssl::context::no_tlsv1_3);
            tls_stream secure(std::move(out), context);
            co_await secure.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
            EXPECT_STREQ(SSL_get_version(secure.native_handle()), how.old ? "TLSv1.2" : "TLSv1.3");
            asio::co_spawn(
                w.a.executor(),
                [&]() -> asio::awaitable<void> {
                    co_await asio::async_write(secure, asio::buffer(big), asio::use_awaitable);
                },
                rethrow{});
            std::string all(big.size(), '\0');
            co_await asio::async_read(secure, asio::buffer(all), asio::use_awaitable);
            EXPECT_TRUE(all == big);
            co_await secure.async_shutdown(as_result);
            client_done = true;
        },
        [&](stream in) -> asio::awaitable<void> {
            auto context = server_context(how.rsa);
            tls_stream secure(std::move(in), context);
            co_await secure.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
            EXPECT_EQ(SSL_get_num_tickets(secure.native_handle()), 0u) << "a ticket carries the real time";
            co_await echo(secure);
            co_await secure.async_shutdown(as_result);
            server_done = true;
        });
    EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
    EXPECT_TRUE(client_done);
    EXPECT_TRUE(server_done);
    return w.world.digest();
}

// Fails if ssl::stream finds something missing in a stream, or a certificate of the process's time counts as
// expired.
TEST(Tls, AnEchoGoesThrough) {
    tls_conversation({}, 1);
    tls_conversation({}, 1, {.rsa = true});
    tls_conversation({}, 1, {.old = true});
    tls_conversation({}, 1, {.rsa = true, .old = true});
}

// Fails if a random byte of OpenSSL's comes from anywhere but the seed, or outlives a world.
TEST(Tls, ASeedRepeatsUnderFaults) {
    std::set<std::uint64_t> digests;
    for (std::uint64_t seed = 1; seed <= 4; ++seed)
        for (const tls_options how : {tls_options{}, tls_options{.rsa = true}, tls_options{.old = true}}) {
            const auto digest = tls_conversation(harsh(seed), seed, how);
            EXPECT_EQ(digest, tls_conversation(harsh(seed), seed, how)) << "seed " << seed;
            digests.insert(digest);
        }
    EXPECT_EQ(digests.size(), 12u);
}

// Fails if two seeds have the same keys: the worlds are equal but for the seed of the randomness.
TEST(Tls, SeedsHaveKeysOfTheirOwn) {
    faults still;
    still.network.latency_mean = 0ns;
    EXPECT_NE(tls_conversation(still, 1), tls_conversation(still, 2));
}

// Not a test by itself: what the one below runs in other processes.
TEST(Tls, Child) {
    if (std::getenv(child_variable) == nullptr)
        GTEST_SKIP() << "only with " << child_variable;
    for (std::uint64_t seed = 1; seed <= 5; ++seed)
        std::printf("digest %llu %016llx %016llx\n", static_cast<unsigned long long>(seed),
                    static_cast<unsigned long long>(tls_conversation(harsh(seed), seed)),
                    static_cast<unsigned long long>(tls_conversation(harsh(seed), seed, {.rsa = true})));
}

std::vector<std::string> run_child() {
    std::array<char, 4096> self{};
    EXPECT_GT(::readlink("/proc/self/exe", self.data(), self.size() - 1), 0);
    const std::string command =
        std::string(child_variable) + "=1 '" + self.data() + "' --gtest_filter=Tls.Child --gtest_color=no";
    std::vector<std::string> digests;
    FILE* pipe = ::popen(command.c_str(), "r");
    char line[256];
    while (std::fgets(line, sizeof line, pipe) != nullptr)
        if (std::string_view(line).rfind("digest ", 0) == 0)
            digests.emplace_back(line);
    EXPECT_EQ(::pclose(pipe), 0);
    return digests;
}

// Fails if anything depends on the process, its addresses, or when it runs.
TEST(Tls, TwoProcessesAgree) {
    const auto one = run_child();
    EXPECT_EQ(one.size(), 5u);
    EXPECT_EQ(one, run_child());
}

// Fails if what one process draws moves the keys of another.
TEST(Tls, EachProcessDrawsForItself) {
    const auto draws = [](int others) {
        const seeded_tls tls;
        small_world w;
        std::array<unsigned char, 32> drawn{};
        w.spawn(w.a, [&]() -> asio::awaitable<void> {
            std::array<unsigned char, 32> other;
            for (int i = 0; i < others; ++i)
                RAND_bytes(other.data(), other.size());
            co_return;
        });
        w.spawn(w.b, [&]() -> asio::awaitable<void> {
            RAND_bytes(drawn.data(), drawn.size());
            co_return;
        });
        w.run();
        return drawn;
    };
    EXPECT_EQ(draws(0), draws(5));
    EXPECT_NE(draws(0), (std::array<unsigned char, 32>{}));
}

// Fails if a scope reaches other threads or outlives itself.
TEST(Tls, AScopeIsOfItsThread) {
    const auto draw = [] {
        std::array<unsigned char, 16> drawn{};
        EXPECT_EQ(RAND_bytes(drawn.data(), drawn.size()), 1);
        return drawn;
    };
    std::array<unsigned char, 16> first;
    std::array<unsigned char, 16> elsewhere;
    {
        const seeded_tls scope(3);
        std::thread([&] { elsewhere = draw(); }).join();
        first = draw();
    }
    EXPECT_NE(first, elsewhere);
    EXPECT_NE(first, draw());
    {
        const seeded_tls scope(3);
        EXPECT_EQ(first, draw());
        {
            const seeded_tls inner(4);
            EXPECT_NE(first, draw());
        }
    }
}

// Fails if a certificate is judged by the machine's clock: this one ended on the first of February 2024.
TEST(Tls, CertificatesAreJudgedByTheClockOfTheProcess) {
    const seeded_tls tls;
    for (const bool late : {false, true}) {
        small_world w;
        error_code result;
        w.spawn(w.b, [&]() -> asio::awaitable<void> {
            if (late)
                co_await sleep(w.b.executor(), std::chrono::hours(24 * 40));
            co_await serve_one(w.b, [](stream in) -> asio::awaitable<void> {
                auto context = server_context(false);
                tls_stream secure(std::move(in), context);
                co_await secure.async_handshake(asio::ssl::stream_base::server, as_result);
                char byte;
                co_await secure.async_read_some(asio::buffer(&byte, 1), as_result);
            })();
        });
        w.spawn(w.a, [&]() -> asio::awaitable<void> {
            if (late)
                co_await sleep(w.a.executor(), std::chrono::hours(24 * 40 + 1));
            else
                co_await sleep(w.a.executor(), 1s);
            co_await connect_to(w.a, w.b, [&](stream out) -> asio::awaitable<void> {
                auto context = client_context(false);
                tls_stream secure(std::move(out), context);
                result =
                    std::get<0>(co_await secure.async_handshake(asio::ssl::stream_base::client, as_result));
            })();
        });
        EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
        EXPECT_EQ(bool(result), late) << result.message();
    }
}

// Fails if an ssl::stream's operations that wait for each other (its two timers) never go on, or do so at a
// time that no seed decides: the shutdown here has to wait for the read.
TEST(Tls, AShutdownBesideAReadEndsBoth) {
    const auto once = [] {
        const seeded_tls tls;
        small_world w;
        error_code read;
        bool shut = false;
        converse(
            w,
            [&](stream out) -> asio::awaitable<void> {
                auto context = client_context(false);
                tls_stream secure(std::move(out), context);
                co_await secure.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
                bool ended = false;
                asio::co_spawn(
                    w.a.executor(),
                    [&]() -> asio::awaitable<void> {
                        char byte;
                        read =
                            std::get<0>(co_await secure.async_read_some(asio::buffer(&byte, 1), as_result));
                        ended = true;
                    },
                    rethrow{});
                co_await sleep(w.a.executor(), 1s);
                co_await secure.async_shutdown(as_result);
                shut = true;
                while (!ended)
                    co_await sleep(w.a.executor(), 1ms);
            },
            [&](stream in) -> asio::awaitable<void> {
                auto context = server_context(false);
                tls_stream secure(std::move(in), context);
                co_await secure.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
                char byte;
                co_await secure.async_read_some(asio::buffer(&byte, 1), as_result);
                co_await sleep(w.b.executor(), 1s);
                co_await secure.async_shutdown(as_result);
            });
        EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
        EXPECT_TRUE(shut);
        EXPECT_TRUE(read);
        return std::pair(w.world.digest(), w.world.events());
    };
    const auto first = once();
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(first, once());
}

// Fails if a secure WebSocket session does not come to its end.
TEST(Tls, ASecureWebSocketEchoesAndCloses) {
    const auto once = [] {
        const seeded_tls tls;
        small_world w;
        bool closed = false;
        error_code end;
        converse(
            w,
            [&](stream out) -> asio::awaitable<void> {
                auto context = client_context(false);
                websocket::stream<tls_stream> ws(std::move(out), context);
                co_await ws.next_layer().async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
                co_await ws.async_handshake("b", "/", asio::use_awaitable);
                co_await ws.async_write(asio::buffer(std::string_view("hello")), asio::use_awaitable);
                beast::flat_buffer answer;
                co_await ws.async_read(answer, asio::use_awaitable);
                EXPECT_EQ(beast::buffers_to_string(answer.data()), "hello");
                co_await ws.async_close(websocket::close_code::normal, as_result);
                closed = true;
            },
            [&](stream in) -> asio::awaitable<void> {
                auto context = server_context(false);
                websocket::stream<tls_stream> ws(std::move(in), context);
                co_await ws.next_layer().async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
                co_await ws.async_accept(asio::use_awaitable);
                for (;;) {
                    beast::flat_buffer message;
                    end = std::get<0>(co_await ws.async_read(message, as_result));
                    if (end)
                        co_return;
                    co_await ws.async_write(message.data(), asio::use_awaitable);
                }
            });
        EXPECT_EQ(w.run().how, verdict::passed) << w.world.result().message;
        EXPECT_TRUE(closed);
        EXPECT_EQ(end, websocket::error::closed) << end.message();
        return w.world.digest();
    };
    EXPECT_EQ(once(), once());
}

}  // namespace
}  // namespace squall
