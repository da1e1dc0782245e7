// The unified diffs of --diff.
#include "driver/diff.h"

#include <gtest/gtest.h>

namespace squall::rewrite {
namespace {

// Fails where an untouched file shows up in a patch.
TEST(unified_diff, of_equal_texts_is_nothing) {
    EXPECT_EQ(unified_diff("f", "a\nb\n", "a\nb\n"), "");
}

// Fails where a patch program would reject the hunk.
TEST(unified_diff, has_three_lines_of_context) {
    EXPECT_EQ(
        unified_diff("d/f", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nX\n6\n7\n8\n9\n"),
        "diff --git a/d/f b/d/f\n--- a/d/f\n+++ b/d/f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n");
}

// Fails where two changes six lines apart overlap in their context.
TEST(unified_diff, joins_near_changes_and_parts_far_ones) {
    std::string before;
    for (int i = 0; i < 30; ++i)
        before += std::to_string(i) + "\n";
    auto with = [&](std::initializer_list<const char*> changed) {
        std::string after = before;
        for (const char* line : changed)
            after.replace(after.find(std::string("\n") + line + "\n") + 1, 0, "+");
        return unified_diff("f", before, after);
    };
    auto hunks = [](const std::string& diff) {
        int n = 0;
        for (std::size_t at = diff.find("\n@@"); at != std::string::npos; at = diff.find("\n@@", at + 1))
            ++n;
        return n;
    };
    EXPECT_EQ(hunks(with({"5", "11"})), 1);
    EXPECT_EQ(hunks(with({"5", "12"})), 2);
}

// Fails where the last line gains a newline it has not.
TEST(unified_diff, marks_a_missing_last_newline) {
    EXPECT_EQ(unified_diff("f", "a", "b"),
              "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n"
              "\\ No newline at end of file\n");
}

}  // namespace
}  // namespace squall::rewrite
