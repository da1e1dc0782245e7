// What people type is read strictly, and what programs under test say cannot harm a terminal.
#include "text.h"

#include "error.h"

#include <gtest/gtest.h>

namespace squall::cli {
namespace {

using namespace std::chrono_literals;

TEST(Text, SeedsAreWholeNumbersOf64Bits) {
    EXPECT_EQ(parse_unsigned("18446744073709551615"), 0xffffffffffffffffu);
    EXPECT_EQ(parse_unsigned("0x1f"), 31u);
    for (const char* wrong :
         {"", "-1", "+1", "1.5", "1e3", " 1", "1 ", "0x", "18446744073709551616", "seed"}) {
        EXPECT_FALSE(parse_unsigned(wrong)) << wrong;
    }
}

TEST(Text, ASeedRangeHasBothItsEnds) {
    EXPECT_EQ(parse_seeds("7..9").first, 7u);
    EXPECT_EQ(parse_seeds("7..9").count, 3u);
    EXPECT_EQ(parse_seeds("2000").count, 2000u);
    EXPECT_FALSE(parse_seeds("2000").first);
    EXPECT_FALSE(parse_seeds("5..").count);
    EXPECT_FALSE(parse_seeds("0..18446744073709551615").count);
    for (const char* wrong : {"", "0", "9..7", "..7", "1-5", "1..x", "many"}) {
        EXPECT_THROW(parse_seeds(wrong), error) << wrong;
    }
}

TEST(Text, DurationsNeedAUnitThatExists) {
    EXPECT_EQ(parse_duration("90", "--time"), 90s);
    EXPECT_EQ(parse_duration("250ms", "--time"), 250ms);
    EXPECT_EQ(parse_duration("1h30m", "--time"), 90min);
    EXPECT_EQ(parse_duration("1.5m", "--time"), 90s);
    for (const char* wrong : {"", "s", "-1s", "1x", "1 s", "nan", "inf", "1e400", "999999999h"}) {
        EXPECT_THROW(parse_duration(wrong, "--time"), error) << wrong;
    }
}

TEST(Text, SizesArePowersOf1024) {
    EXPECT_EQ(parse_size("512M", "--memory-limit"), std::uint64_t{512} << 20);
    EXPECT_EQ(parse_size("2GiB", "--memory-limit"), std::uint64_t{2} << 30);
    EXPECT_THROW(parse_size("2X", "--memory-limit"), error);
}

TEST(Text, ACommandLineSurvivesTheShell) {
    EXPECT_EQ(command_line({"./a", "--gtest_filter=A.*", "it's", ""}),
              R"(./a '--gtest_filter=A.*' 'it'\''s' '')");
}

TEST(Text, NothingPrintedMovesTheCursor) {
    EXPECT_EQ(printable("a\x1b[2Jb\r\n\xff\xc2\x9b \xc3\xa9"), "a\\x1b[2Jb\\x0d\\n\\xff\\xc2\\x9b \xc3\xa9");
    EXPECT_EQ(valid_utf8("a\xff\xed\xa0\x80\xc3\xa9"),
              "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9");
}

TEST(Text, GlobsMatchTheWholeText) {
    EXPECT_TRUE(glob_match("*/log.?pp", "src/kv/log.cpp"));
    EXPECT_TRUE(glob_match("*", ""));
    EXPECT_FALSE(glob_match("log", "log.cpp"));
    EXPECT_FALSE(glob_match("?", ""));
}

TEST(Text, TyposFindTheirWord) {
    EXPECT_EQ(nearest("rnu", {"run", "replay"}), "run");
    EXPECT_EQ(nearest("rep", {"run", "replay"}), "replay");
    EXPECT_FALSE(nearest("xyzzy", {"run", "replay"}));
}

TEST(Text, TablesAlignByWhatIsSeen) {
    EXPECT_EQ(table({{"é", "b"}, {"ab", "c"}}), "é   b\nab  c\n");
}

}  // namespace
}  // namespace squall::cli
