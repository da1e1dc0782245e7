// simulator_gate MODE TURNS: does so much of a workload. For instruction_gate.sh.
#include "memory_use.h"
#include "workloads.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

int main(int argc, char** argv) {
    const std::string_view mode = argc == 3 ? argv[1] : "";
    const long turns = argc == 3 ? std::strtol(argv[2], nullptr, 10) : 0;
    if (mode == "w1") {  // round trips
        workloads::echo(turns, 1, 1);
    } else if (mode == "w1f") {  // the same among faults
        workloads::echo(turns, 1, 1, workloads::faulty_options());
    } else if (mode == "w2") {
        workloads::echo(turns, 10, 10);
    } else if (mode == "w3") {  // worlds
        for (long i = 0; i < turns; ++i)
            workloads::echo(10, 1, 1);
    } else if (mode == "world") {  // the same without a connection
        for (long i = 0; i < turns; ++i)
            workloads::set_up_and_tear_down();
    } else if (mode == "builder_calm") {  // simulations without a fault
        workloads::ten_pings_through_the_builder(0, static_cast<std::uint64_t>(turns), squall::profile::calm);
    } else if (mode == "builder") {  // the same with chaos
        workloads::ten_pings_through_the_builder(0, static_cast<std::uint64_t>(turns));
    } else if (mode ==
               "memory") {  // whole simulations, thrice: resident memory must not grow with their number
        const auto some = [&](long from, long to) {
            for (long i = from; i < to; ++i) {
                workloads::echo(10, 1, 1);
                workloads::ten_pings_through_the_builder(static_cast<std::uint64_t>(i), 1);
            }
            return memory_use::resident_kilobytes();
        };
        const long first = some(0, turns / 10);
        const long last = some(turns / 10, turns);
        std::printf("resident: %ld kB after %ld simulations, %ld kB after %ld\n", first, turns / 5, last,
                    2 * turns);
        return last - first > 1024 ? 1 : 0;
    } else if (mode == "sleepers") {  // so many at once: what they take at most, less than 1,180 bytes each
        const long before = memory_use::resident_kilobytes();
        workloads::timers(static_cast<int>(turns), 1);
        const long taken = memory_use::most_resident_kilobytes() - before;
        std::printf("resident: %ld kB more with %ld sleepers\n", taken, turns);
        return taken * 1000 > turns * 1180 ? 1 : 0;
    } else if (mode == "grow") {  // processes of one world
        squall::world world;
        for (long i = 0; i < turns; ++i)
            world.add_process("p");
    } else if (mode == "cut10") {  // partitions of one process among so many
        workloads::crowd(10).cut(turns);
    } else if (mode == "cut1000") {
        workloads::crowd(1000).cut(turns);
    } else if (mode == "crash10") {
        workloads::crowd(10).crash(turns);
    } else if (mode == "crash1000") {
        workloads::crowd(1000).crash(turns);
    } else if (mode == "w4") {  // sleeps
        workloads::timers(1000, static_cast<int>(turns / 1000));
    } else {
        std::fprintf(
            stderr,
            "simulator_gate: w1, w1f, w2, w3, w4, world, builder, builder_calm, memory, sleepers, grow, "
            "cut10, cut1000, crash10 or crash1000, and a number of turns\n");
        return 2;
    }
    return 0;
}
