// The program in docs/actors.md is the one that is compiled and run.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace {

TEST(ActorsGuide, HasTheProgramThatRuns) {
    // Fails when either of the two is changed alone.
    std::ifstream program(GUIDE_EXAMPLE);
    std::ifstream page(GUIDE_PAGE);
    const std::string source(std::istreambuf_iterator<char>(program), {});
    const std::string text(std::istreambuf_iterator<char>(page), {});
    ASSERT_FALSE(source.empty());
    EXPECT_NE(text.find("```cpp\n" + source + "```"), std::string::npos);
}

}  // namespace
