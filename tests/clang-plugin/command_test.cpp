// What `squall cc` takes a command line for.
#include "launcher/command.h"

#include <gmock/gmock.h>

namespace squall::rewrite {
namespace {

using testing::ElementsAre;

// Fails where the value of an option is taken for the source.
TEST(compiler_command, has_one_source_among_values) {
    const compiler_command read = read_command({"g++", "-I", "inc.cpp", "-o", "out.cpp", "-MF", "d.cpp", "-x",
                                                "c++", "-c", "a.cpp", "-MT", "t.cpp"});
    EXPECT_EQ(read.source, "a.cpp");
    EXPECT_EQ(read.left, "");
    EXPECT_FALSE(read.links);
}

// Fails where ccache is taken for the compiler: options of ours would go to it.
TEST(compiler_command, may_begin_with_ccache) {
    const compiler_command read = read_command({"/usr/bin/ccache", "clang++-19", "-c", "a.cc"});
    EXPECT_EQ(read.compiler, 1u);
    EXPECT_TRUE(read.clang);
    EXPECT_FALSE(read_command({"ccache", "g++", "-c", "a.cc"}).clang);
}

// Fails where a build system's way to ask for dependencies is not known: the table's name would stay in them.
TEST(compiler_command, names_its_dependency_file) {
    EXPECT_EQ(read_command({"g++", "-MD", "-MF", "x.d", "-c", "a.cpp"}).depfile, "x.d");
    EXPECT_EQ(read_command({"g++", "-MMD", "-MFx.d", "-c", "a.cpp"}).depfile, "x.d");
    EXPECT_EQ(read_command({"g++", "-MMD", "-c", "s/a.cpp", "-o", "o/a.o"}).depfile, "o/a.d");
    EXPECT_EQ(read_command({"g++", "-MD", "-c", "s/a.cpp"}).depfile, "a.d");
    EXPECT_EQ(read_command({"g++", "-Wp,-MMD,w.d", "-c", "a.cpp"}).depfile, "w.d");
    EXPECT_EQ(read_command({"g++", "-c", "a.cpp"}).depfile, "");
}

// Fails where the library of sites is not linked, or linked into what must not have it.
TEST(compiler_command, links_only_programs) {
    EXPECT_TRUE(read_command({"g++", "a.o", "-o", "a"}).links);
    EXPECT_TRUE(read_command({"g++", "a.cpp", "-o", "a"}).links);
    EXPECT_FALSE(read_command({"g++", "-shared", "a.o", "-o", "a.so"}).links);
    EXPECT_FALSE(read_command({"g++", "--version"}).links);
    EXPECT_FALSE(read_command({"g++", "-E", "a.cpp"}).links);
}

// Fails where clang would be given a precompiled header that does not fit the sources any more.
TEST(compiler_command, goes_without_precompiled_headers) {
    EXPECT_THAT(without_precompiled({"clang++", "-Xclang", "-include-pch", "-Xclang", "p.pch", "-Xclang",
                                     "-include", "-Xclang", "p.hxx", "-include-pch", "q.pch", "-c"}),
                ElementsAre("clang++", "-Xclang", "-include", "-Xclang", "p.hxx", "-c"));
}

}  // namespace
}  // namespace squall::rewrite
