// site_gate MODE TURNS: calls one of the bodies so often. For instruction_gate.sh.
#include "site_bodies.h"

#include <squall/run.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

namespace {

struct mode {
    const char* name;
    bool (*body)();
    double activation;  // below 0: no run
};
constexpr mode modes[] = {
    {"empty", bodies::empty, -1},
    {"site_closed", bodies::with_site, -1},
    {"site_inactive", bodies::with_site, 0},
    {"site_active", bodies::with_site, 1},
    {"buggify_closed", bodies::with_buggify, -1},
    {"mark", bodies::with_mark, -1},
    {"compiler_counter", bodies::with_compiler_counter, -1},
    {"condition", bodies::with_condition, -1},
    {"always_closed", bodies::with_always, -1},
    {"always_in_run", bodies::with_always, 0},
};

}  // namespace

int main(int argc, char** argv) {
    for (const mode& m : modes) {
        if (argc != 3 || std::strcmp(argv[1], m.name) != 0)
            continue;
        const long turns = std::strtol(argv[2], nullptr, 10);
        std::optional<squall::run> run;
        std::unique_ptr<squall::run_scope> bound;
        if (m.activation >= 0) {
            run.emplace(squall::run_options{.seed = 1, .activation = m.activation});
            run->set_sites_on(true);
            bound = std::make_unique<squall::run_scope>(*run);
        }
        bool (*volatile body)() = m.body;
        for (long i = 0; i < turns; ++i)
            body();
        return 0;
    }
    std::fprintf(stderr, "site_gate: one of the modes in site_gate.cpp, and a number of turns\n");
    return 2;
}
