// The end of a process is told in the words that its runtime left, so that equal causes are grouped.
#include "crash_cause.h"

#include <gtest/gtest.h>

#include <csignal>

namespace squall::cli {
namespace {

constexpr int exited(int code) {
    return code << 8;
}

TEST(CrashCause, ASanitizersSummaryIsACrashWithAPlace) {
    const cause why = cause_of_end(
        exited(1),
        "==3==ERROR: AddressSanitizer: ...\n"
        "SUMMARY: AddressSanitizer: heap-use-after-free /src/a.cpp:12:5 in kv::get(int)\n==3==ABORTING\n");
    EXPECT_EQ(why.verdict, verdict::crash);
    EXPECT_EQ(why.message, "AddressSanitizer: heap-use-after-free");
    EXPECT_EQ(why.place, "/src/a.cpp:12:5 in kv::get(int)");
}

TEST(CrashCause, AFailedAssertNamesItsPlace) {
    const cause why =
        cause_of_end(SIGABRT, "noise\nkv_test: /src/a.cpp:12: int f(): Assertion `x == 1' failed.\n");
    EXPECT_EQ(why.message, "Assertion `x == 1' failed.");
    EXPECT_EQ(why.place, "/src/a.cpp:12 in int f()");
}

TEST(CrashCause, AnUncaughtExceptionIsNamed) {
    const cause why = cause_of_end(
        SIGABRT,
        "terminate called after throwing an instance of 'std::runtime_error'\n  what():  no such key\n");
    EXPECT_EQ(why.message, "uncaught 'std::runtime_error': no such key");
}

TEST(CrashCause, OtherEndsAreNamedByTheirStatus) {
    EXPECT_EQ(cause_of_end(SIGSEGV, "").message, "signal 11 (Segmentation fault)");
    EXPECT_EQ(cause_of_end(exited(3), "").verdict, verdict::exit);
    EXPECT_NE(cause_of_end(SIGKILL, "").message.find("out of memory?"), std::string::npos);
}

TEST(CrashCause, CutOutputIsNoTrouble) {
    for (const char* output : {"SUMMARY: ", "SUMMARY: AddressSanitizer: ", ": Assertion ",
                               "terminate called after throwing an instance of ",
                               "terminate called after throwing an instance of 'x'\nwhat():  "}) {
        EXPECT_NO_THROW(cause_of_end(SIGABRT, output)) << output;
    }
}

}  // namespace
}  // namespace squall::cli
