// What the environment says, done before main(): SQUALL_INJECT, SQUALL_INJECT_SEED, SQUALL_INJECT_HTTP.
#include <squall/injection.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>

namespace squall::injection {
namespace {

std::atomic<std::uint16_t> served{0};

// Null also in a program with more rights than its user.
const char* variable(const char* name) {
    const char* const text = secure_getenv(name);
    return text == nullptr || *text == 0 ? nullptr : text;
}

template <class Number>
Number number_of(std::string_view text, const char* what) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        throw std::invalid_argument("'" + std::string(text) + "' is not " + what);
    return number;
}

void seed(const char* text) {
    set_seed(number_of<std::uint64_t>(text, "a seed (0 to 2^64 - 1)"));
}

void inject(const char* text) {
    set_overrides(text);
    std::fprintf(stderr, "squall: fault injection is on: %s\n", overrides().c_str());
}

// "[address:]port"; an IPv6 address in brackets.
void serve(std::string_view where) {
    std::string address = "127.0.0.1";
    const std::size_t colon = where.rfind(':');
    if (colon != std::string_view::npos) {
        address = where.substr(0, colon);
        if (address.starts_with('[') && address.ends_with(']'))
            address = address.substr(1, address.size() - 2);
        where.remove_prefix(colon + 1);
    }
    const auto port = number_of<std::uint16_t>(where, "a port (0 to 65535)");
    // Never destroyed: a forked child that calls exit() has no such thread to join.
    static http_server* const server = new http_server(address, port);
    served = server->port();
    const bool v6 = address.find(':') != std::string::npos;
    std::fprintf(stderr, "squall: fault injection over http://%s%s%s:%u/\n", v6 ? "[" : "", address.c_str(),
                 v6 ? "]" : "", static_cast<unsigned>(server->port()));
}

// A server is not to die of a typing error of whoever tests it.
template <class Obey>
void obey(const char* name, Obey what) {
    const char* const text = variable(name);
    if (text == nullptr)
        return;
    try {
        what(text);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "squall: %s is ignored: %s\n", name, error.what());
    }
}

}  // namespace

void start_from_environment() {
    static std::once_flag once;
    std::call_once(once, [] {
        obey("SQUALL_INJECT_SEED", seed);
        obey("SQUALL_INJECT", inject);
        obey("SQUALL_INJECT_HTTP", serve);
    });
}

std::uint16_t environment_port() noexcept {
    return served;
}

}  // namespace squall::injection

// The program's link asks for this symbol (runtime/CMakeLists.txt), and so gets this object file. Modules
// register their sites at priority 101.
extern "C" __attribute__((constructor, used)) void squall_injection_start();
extern "C" void squall_injection_start() {
    squall::injection::start_from_environment();
}
