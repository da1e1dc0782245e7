// Site records are read as documented, and a damaged section is an error with a position.
#include "site_source.h"

#include "error.h"

#include <squall/text_hash.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace squall::cli {
namespace {

using namespace std::string_literals;

std::string record(std::uint64_t id, unsigned kind, const std::string& text, unsigned version = 1) {
    const auto size = static_cast<std::uint32_t>(32 + (text.size() + 31) / 32 * 32);
    const std::uint32_t line = 12;
    std::string bytes(size, '\0');
    std::memcpy(bytes.data(), &id, 8);
    std::memcpy(bytes.data() + 8, &size, 4);
    std::memcpy(bytes.data() + 12, &line, 4);
    bytes[20] = static_cast<char>(kind);
    bytes[21] = static_cast<char>(version);
    std::memcpy(bytes.data() + 32, text.data(), text.size());
    return bytes;
}

std::vector<catalog_record> parse(const std::string& bytes) {
    return parse_site_records(std::as_bytes(std::span(bytes.data(), bytes.size())), "x", 1000);
}

std::string problem_of(const std::string& bytes) {
    try {
        parse(bytes);
    } catch (const error& problem) {
        return problem.what();
    }
    return "";
}

TEST(SiteSource, ReadsARecord) {
    const auto records = parse(record(0xab, 1, "error-return\0a.cpp\0f\0return x\0"s));
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].id, "00000000000000ab");
    EXPECT_EQ(records[0].kind, "error-return");
    EXPECT_EQ(records[0].rule, "error-return");
    EXPECT_EQ(records[0].file, "a.cpp");
    EXPECT_EQ(records[0].line, 12u);
    EXPECT_EQ(records[0].function, "f");
    EXPECT_EQ(records[0].detail, "return x");
}

TEST(SiteSource, IdZeroIsTheHashOfTheText) {
    const std::string text = "sometimes\0a.cpp\0\0once\0"s;
    EXPECT_EQ(parse(record(0, 18, text)).at(0).id, fmt::format("{:016x}", text_hash(text)));
}

TEST(SiteSource, KindsOfANewerSquallAreListed) {
    EXPECT_EQ(parse(record(1, 99, "r\0f\0g\0d\0"s)).at(0).kind, "kind-99");
}

TEST(SiteSource, PaddingIsSkipped) {
    EXPECT_EQ(parse(std::string(64, '\0') + record(1, 1, "r\0f\0g\0d\0"s) + std::string(32, '\0')).size(),
              1u);
}

TEST(SiteSource, DamageIsToldWithItsPosition) {
    const std::string good = record(1, 1, "r\0f\0g\0d\0"s);
    std::string bytes = good + good;
    bytes[good.size() + 8] = 33;
    EXPECT_NE(problem_of(bytes).find(fmt::format("at byte {}", 1000 + good.size())), std::string::npos)
        << problem_of(bytes);
    EXPECT_NE(problem_of(good.substr(0, 20)), "");
    EXPECT_NE(problem_of(good.substr(0, 40)), "");
    EXPECT_NE(problem_of(record(1, 1, "r\0f\0g\0"s + std::string(26, 'x'))), "");
    EXPECT_NE(problem_of(record(1, 1, "r\0f\0g\0d\0"s, 2)).find("version 2"), std::string::npos);
}

TEST(SiteSource, CopiesAreListedOnceAndClashesAreErrors) {
    const std::string one = record(1, 1, "r\0f\0g\0d\0"s);
    EXPECT_EQ(without_repeats(parse(one + one)).size(), 1u);
    EXPECT_THROW(without_repeats(parse(one + record(1, 1, "r\0f\0g\0other\0"s))), error);
}

}  // namespace
}  // namespace squall::cli
