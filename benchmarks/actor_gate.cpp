// actor_gate MODE TURNS: does so much of a workload of actors. For instruction_gate.sh.
#include "actor_workloads.h"
#include "loopback.h"
#include "memory_use.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

int main(int argc, char** argv) {
    using namespace actor_workloads;
    const std::string_view mode = argc == 3 ? argv[1] : "";
    const long turns = argc == 3 ? std::strtol(argv[2], nullptr, 10) : 0;
    if (mode == "simulated") {
        in_world([turns](node& here) { return calls(here, turns); });
    } else if (mode == "real") {
        on_io_context([turns](node& here) { return calls(here, turns); });
    } else if (mode == "activations") {  // what each takes when it is idle, less than 600 bytes
        long taken = 0;
        on_io_context([&](node& here) -> asio::awaitable<void> {
            const long before = memory_use::resident_kilobytes();
            co_await activations(here, turns);
            taken = memory_use::resident_kilobytes() - before;
        });
        std::printf("resident: %ld kB more with %ld idle activations, %ld bytes each\n", taken, turns,
                    taken * 1024 / turns);
        return taken * 1024 > turns * 600 ? 1 : 0;
    } else if (mode == "echo") {
        loopback::echoes(turns, 1);
    } else if (mode == "remote") {
        loopback::calls(turns, 1);
    } else {
        std::fprintf(stderr,
                     "actor_gate: simulated, real, activations, echo or remote, and a number of turns\n");
        return 2;
    }
    return 0;
}
