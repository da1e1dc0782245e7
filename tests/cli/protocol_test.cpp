// Lines of a worker are taken as documented, and anything else is an error and never a wrong number.
#include "protocol.h"

#include <gtest/gtest.h>

namespace squall::cli {
namespace {

TEST(Protocol, AResultIsReadInFull) {
    const auto message = parse_message(
        R"({"type":"result","seed":18446744073709551615,"verdict":"assertion","message":"m","process":"p","place":"a.cpp:3",)"
        R"("virtual_ns":5,"events":6,"digest":"00000000000000ff","faults":{"crash":2},"options":"o","sites":[[1,2,3,4]],)"
        R"("assertions":[[5,6,7]],"coverage":[8],"tail":["x"]})");
    const auto& result = std::get<run_result>(message);
    EXPECT_EQ(result.seed, 18446744073709551615u);
    EXPECT_EQ(result.verdict, verdict::assertion);
    EXPECT_EQ(result.faults.at("crash"), 2u);
    EXPECT_EQ(result.sites.at(0).fired, 4u);
    EXPECT_EQ(result.assertions.at(0).times_false, 7u);
    EXPECT_EQ(result.coverage.at(0), 8u);
    EXPECT_EQ(result.tail.at(0), "x");
}

TEST(Protocol, WhatIsAbsentIsEmpty) {
    const auto message = parse_message(R"({"type":"result","seed":1,"verdict":"passed"})");
    EXPECT_EQ(std::get<run_result>(message).digest, "");
}

TEST(Protocol, UnknownFieldsAreIgnored) {
    EXPECT_NO_THROW(parse_message(R"({"type":"start","seed":1,"later":[]})"));
}

TEST(Protocol, TextThatIsNotUtf8IsKeptReadable) {
    const auto message =
        parse_message("{\"type\":\"result\",\"seed\":1,\"verdict\":\"check\",\"message\":\"a\xff\"}");
    EXPECT_EQ(std::get<run_result>(message).message, "a\xef\xbf\xbd");
}

TEST(Protocol, NonsenseIsAnError) {
    for (const char* line : {"",
                             "x",
                             "[]",
                             "1",
                             "{}",
                             R"({"type":1})",
                             R"({"type":"start"})",
                             R"({"type":"start","seed":-1})",
                             R"({"type":"start","seed":1.5})",
                             R"({"type":"start","seed":18446744073709551616})",
                             R"({"type":"dance"})",
                             R"({"type":"result","seed":1})",
                             R"({"type":"result","seed":1,"verdict":"great"})",
                             R"({"type":"result","seed":1,"verdict":"crash"})",
                             R"({"type":"result","seed":1,"verdict":"passed","digest":"xyz"})",
                             R"({"type":"result","seed":1,"verdict":"passed","sites":[[1,2]]})",
                             R"({"type":"result","seed":1,"verdict":"passed","sites":[[1,2,-3,4]]})",
                             R"({"type":"result","seed":1,"verdict":"passed","sites":7})",
                             R"({"type":"result","seed":1,"verdict":"passed","faults":[1]})",
                             R"({"type":"catalog","records":[{"index":1,"id":"1","kind":"x"}]})",
                             R"({"type":"hello","protocol":"one","test":"a"})"}) {
        EXPECT_THROW(parse_message(line), protocol_error) << line;
    }
}

TEST(Protocol, VerdictsKeepTheirNames) {
    for (int i = 0; i <= static_cast<int>(verdict::nondeterminism); ++i) {
        EXPECT_EQ(parse_verdict(name(static_cast<verdict>(i))), static_cast<verdict>(i));
    }
}

TEST(Protocol, ARunIsOneLine) {
    EXPECT_EQ(to_line({7, {"00000000000000aa"}, "calm", true}),
              R"({"log":true,"profile":"calm","seed":7,"type":"run","veto":["00000000000000aa"]})");
}

}  // namespace
}  // namespace squall::cli
