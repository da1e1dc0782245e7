// Prints the catalog, and of each place whether evaluating it was counted under its own entry. C++20: the runtime's
// other headers.
#include <squall/catalog.h>
#include <squall/coverage.h>
#include <squall/run.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>

int first(int n);
int second(int n);

int main() {
    squall::run run({.seed = 1, .activation = 1});
    {
        const squall::run_scope bound(run);
        first(3);
        second(4);
    }
    std::map<unsigned, unsigned long long> counted;
    for (const auto& site : run.site_tallies())
        counted[site.index] += site.evaluated;
    for (const auto& assertion : run.assertion_tallies())
        counted[assertion.index] += assertion.times_true + assertion.times_false;
    const auto all = squall::catalog();
    for (const auto index : squall::coverage_reached())
        counted[index] += 1;
    std::map<std::string, std::string> lines;
    for (const auto& e : all) {
        char text[300];
        std::snprintf(text, sizeof text, "%016llx %s %.*s:%u [%.*s] [%.*s] %llu",
                      static_cast<unsigned long long>(e.id), std::string(squall::to_string(e.kind)).c_str(),
                      static_cast<int>(e.file.size()), e.file.data(), e.line,
                      static_cast<int>(e.function.size()), e.function.data(), static_cast<int>(e.detail.size()),
                      e.detail.data(), counted[e.index]);
        lines[std::string(e.file) + std::to_string(1000 + e.line) + text] = text;
    }
    for (const auto& [key, line] : lines)
        std::puts(line.c_str());
    for (const auto& error : squall::catalog_errors())
        std::printf("error: %.*s\n", static_cast<int>(error.size()), error.data());
    return 0;
}
