// What becomes of the dependency files of compilers.
#include "launcher/depfile.h"

#include <gtest/gtest.h>

namespace squall::rewrite {
namespace {

// Fails where ninja is told of a file that does not exist: it would build for ever.
TEST(depfile, loses_one_name_and_gains_others) {
    EXPECT_EQ(corrected_depfile("a.o: a.cpp \\\n /v/t.h a.h\n", "/v/t.h", {"/bin/squall", "my rules"}),
              "a.o: /bin/squall my\\ rules a.cpp \\\n a.h\n");
    EXPECT_EQ(corrected_depfile("a.o: a.cpp /v/t.h\na.h:\n/v/t.h:\nb.h:\n", "/v/t.h", {}),
              "a.o: a.cpp\na.h:\nb.h:\n");
}

// Fails where another file's name is cut that only begins so.
TEST(depfile, keeps_longer_names) {
    EXPECT_EQ(corrected_depfile("a.o: /v/t.hpp c:/x.h\n", "/v/t.h", {"y"}), "a.o: y /v/t.hpp c:/x.h\n");
}

}  // namespace
}  // namespace squall::rewrite
