// What memory this program holds, for gates.
#ifndef SQUALL_BENCHMARKS_MEMORY_USE_H
#define SQUALL_BENCHMARKS_MEMORY_USE_H

#include <cstdio>

#include <sys/resource.h>
#include <unistd.h>

namespace memory_use {

inline long resident_kilobytes() {
    long pages = 0;
    long resident = 0;
    if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%ld %ld", &pages, &resident) != 2)
            resident = 0;
        std::fclose(file);
    }
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

inline long most_resident_kilobytes() {
    rusage usage{};
    return ::getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : 0;
}

}  // namespace memory_use

#endif  // SQUALL_BENCHMARKS_MEMORY_USE_H
