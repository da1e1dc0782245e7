// RUN: %lint %s %t
#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

void a() {
    std::ifstream in("name");  // finds file
    std::ofstream out;
    out.open("other");                                    // finds file
    std::FILE* old = std::fopen("third", "r");            // finds file
    int raw = open("fourth", O_RDONLY);                   // finds file
    if (std::filesystem::exists("fifth"))                 // finds file
        std::remove("sixth");                             // finds file
    (void)old, (void)raw;
}

// What must stay silent: text that is no file's, and algorithms of the same name.
void b(std::vector<int>& v, std::ostream& out) {
    std::istringstream in("text");
    v.erase(std::remove(v.begin(), v.end(), 1), v.end());
    out << std::filesystem::path("a/b").filename();
}
