// Which of a compiler's arguments a parse takes over.
#include "driver/database.h"

#include <gmock/gmock.h>

namespace squall::rewrite {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Fails where an argument that changes what the source means is lost.
TEST(parse_arguments, keep_what_bears_on_meaning) {
    EXPECT_THAT(
        parse_arguments({"g++", "-DA=1", "-D", "B", "-UC", "-Iinc", "-I", "inc2", "-isystem", "sys",
                         "-std=gnu++20", "-fno-exceptions", "-pthread", "-march=native", "-include",
                         "pre.h"}),
        ElementsAre("-DA=1", "-D", "B", "-UC", "-Iinc", "-I", "inc2", "-isystem", "sys", "-std=gnu++20",
                    "-fno-exceptions", "-pthread", "-march=native", "-include", "pre.h"));
}

// Fails where a word that -Xclang hands over is taken for the value of the one before.
TEST(parse_arguments, of_clang_proper_come_without_their_xclang) {
    EXPECT_THAT(parse_arguments({"clang++", "-Xclang", "-include-pch", "-Xclang", "p.pch", "-Xclang",
                                 "-include", "-Xclang", "p.hxx", "-Xclang", "-disable-llvm-passes", "-DA"}),
                ElementsAre("-include", "p.hxx", "-DA"));
}

// Fails where one of gcc's own gets through: clang would refuse the command.
TEST(parse_arguments, drop_what_clang_refuses_or_would_act_on) {
    EXPECT_THAT(parse_arguments({"g++",
                                 "-fanalyzer",
                                 "-fconcepts",
                                 "-fipa-pta",
                                 "-fno-gnu-unique",
                                 "-fabi-version=11",
                                 "-gstatement-frontiers",
                                 "-Wall",
                                 "-Werror",
                                 "-g3",
                                 "-c",
                                 "a.cpp",
                                 "-o",
                                 "a.o",
                                 "-MD",
                                 "-MF",
                                 "a.d",
                                 "-MT",
                                 "a.o",
                                 "-fplugin=x.so",
                                 "--param",
                                 "x=1",
                                 "-O0"}),
                IsEmpty());
}

// Fails where code under #ifdef __OPTIMIZE__ or __SANITIZE_ADDRESS__ is another one than the compiler's.
TEST(parse_arguments, keep_the_macros_that_options_define) {
    EXPECT_THAT(parse_arguments({"g++", "-O3", "-fsanitize=address,undefined"}),
                ElementsAre("-O1", "-D__SANITIZE_ADDRESS__=1"));
}

// Fails by reading past the end of a command that was cut off.
TEST(parse_arguments, survive_a_missing_value) {
    EXPECT_THAT(parse_arguments({"g++", "-D"}), IsEmpty());
}

}  // namespace
}  // namespace squall::rewrite
