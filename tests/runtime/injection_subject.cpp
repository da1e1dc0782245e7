// A program that knows nothing of fault injection but its link; injection_environment_test.cpp sets its
// environment.
#include <squall/buggify.h>

#include <cstdio>
#include <cstring>

#include <unistd.h>

int main(int argc, char** argv) {
    alarm(60);  // should the test go away first
    std::printf("fires: %s\n", SQUALL_BUGGIFY_NAMED("subject: fires") ? "yes" : "no");
    std::fflush(stdout);
    if (argc > 1 && std::strcmp(argv[1], "wait") == 0)
        while (!SQUALL_BUGGIFY_NAMED("subject: ends"))
            usleep(1000);
    return 0;
}
