// The example in the docs of the workload kit is the one that is compiled and run.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace {

std::string text_of(const char* path) {
    std::ifstream in(path);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}

TEST(WorkloadDocs, HaveTheExampleThatRuns) {
    // Fails when either of the two is changed alone.
    const std::string source = text_of(KIT_EXAMPLE);
    const std::string mark = "// [example]\n";
    const std::size_t from = source.find(mark) + mark.size();
    const std::size_t to = source.find(mark, from);
    ASSERT_LT(from, to);
    ASSERT_NE(to, std::string::npos);
    EXPECT_NE(text_of(KIT_DOCS).find("```cpp\n" + source.substr(from, to - from) + "```"), std::string::npos);
}

}  // namespace
