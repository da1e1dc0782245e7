// Encodings and frames: what goes in comes out, and bad bytes are an error and no more.
#include "../../actors/src/frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <map>
#include <set>

namespace squall::actors {
namespace {

enum class colour : std::uint8_t { red = 1, blue = 200 };

struct inner {
    std::int32_t number = 0;
    std::string text;
    bool operator==(const inner&) const = default;
};
struct outer {
    bool yes = false;
    std::uint64_t big = 0;
    std::int64_t small = 0;
    double real = 0;
    float single = 0;
    colour hue = colour::red;
    std::vector<inner> many;
    std::map<std::string, std::set<int>> index;
    std::optional<inner> maybe;
    std::array<std::uint16_t, 3> three{};
    std::pair<int, std::string> two;
    std::chrono::milliseconds time{0};
    bool operator==(const outer&) const = default;
};

outer sample() {
    outer v;
    v.yes = true;
    v.big = ~std::uint64_t{0};
    v.small = std::numeric_limits<std::int64_t>::min();
    v.real = -0.1;
    v.single = 1e30F;
    v.hue = colour::blue;
    v.many = {{-1, "a"}, {2, std::string("\0\xff", 2)}};
    v.index = {{"x", {1, -2}}, {"", {}}};
    v.maybe = inner{7, "seven"};
    v.three = {1, 2, 65535};
    v.two = {-5, "five"};
    v.time = std::chrono::milliseconds(-3);
    return v;
}

TEST(Encoding, GivesBackWhatWasEncoded) {
    EXPECT_EQ(decode<outer>(encode(sample())), sample());
}

// Fails if what an encoder still holds goes astray when it has no room for more, wherever in it that is.
TEST(Encoding, APieceMayComeWhenTheEncoderIsFull) {
    const std::string long_text(300, 'y');
    for (std::size_t before = 0; before <= 260; ++before) {
        std::string at_once = "x";
        std::string by_pieces = "x";
        encoder one(at_once);
        encoder two(by_pieces);
        const auto put = [&](auto value, auto f) {
            (one.*f)(value);
            (two.*f)(value);
            two.finish();
        };
        for (std::size_t i = 0; i < before; ++i)
            put(std::uint64_t{i % 100}, static_cast<void (encoder::*)(std::uint64_t)>(&encoder::put));
        put(~std::uint64_t{0}, static_cast<void (encoder::*)(std::uint64_t)>(&encoder::put));
        put(-0.1, &encoder::put_double);
        put(1e30F, &encoder::put_float);
        put(std::string_view("a text"), static_cast<void (encoder::*)(std::string_view)>(&encoder::put));
        put(std::string_view(long_text), static_cast<void (encoder::*)(std::string_view)>(&encoder::put));
        put(std::int64_t{-1}, &encoder::put_signed);
        one.finish();
        EXPECT_EQ(at_once, by_pieces) << before;
        EXPECT_GT(at_once.size(), before + 24);
        decoder in(std::string_view(by_pieces).substr(1));
        for (std::size_t i = 0; i < before; ++i)
            EXPECT_EQ(in.get(), i % 100);
        EXPECT_EQ(in.get(), ~std::uint64_t{0});
        EXPECT_EQ(in.get_double(), -0.1);
        EXPECT_EQ(in.get_float(), 1e30F);
    }
}

TEST(Encoding, EveryTruncationIsMalformedAndNoByteTooManyIsTaken) {
    const std::string bytes = encode(sample());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_THROW(decode<outer>(std::string_view(bytes).substr(0, size)), call_failed) << size;
    EXPECT_THROW(decode<outer>(bytes + 'x'), call_failed);
}

TEST(Encoding, AnyByteChangedIsAValueOrAnError) {
    const std::string bytes = encode(sample());
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string changed = bytes;
            changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
            try {
                decode<outer>(changed);
            } catch (const call_failed& e) {
                EXPECT_EQ(e.code(), error::malformed);
            }
        }
    }
}

TEST(Encoding, AnnouncedLengthsAllocateNothing) {
    // 2^60 elements, of which there is none.
    std::string bytes;
    encoder to(bytes);
    to.put(std::uint64_t{1} << 60);
    to.finish();
    EXPECT_THROW(decode<std::vector<inner>>(bytes), call_failed);
    EXPECT_THROW(decode<std::string>(bytes), call_failed);
}

struct nest {
    std::vector<nest> inside;
};
TEST(Encoding, NestingHasALimit) {
    std::string bytes;
    for (int i = 0; i < 1000; ++i)
        bytes += std::string("\x01\x01", 2);
    bytes += std::string("\x01\x00", 2);
    EXPECT_THROW(decode<nest>(bytes), call_failed);
}

struct before {
    int a = 1;
};
struct after {
    int a = 1;
    std::string b = "default";
};
TEST(Encoding, AStructureMayGrowAtItsEnd) {
    before old;
    old.a = 5;
    const auto grown = decode<after>(encode(old));
    EXPECT_EQ(grown.a, 5);
    EXPECT_EQ(grown.b, "default");
    EXPECT_THROW(decode<before>(encode(after{})), call_failed);
}

TEST(Encoding, NumbersOutOfRangeAreMalformed) {
    EXPECT_THROW(decode<std::uint8_t>(encode(std::uint64_t{256})), call_failed);
    EXPECT_THROW(decode<std::int8_t>(encode(std::int64_t{-129})), call_failed);
    EXPECT_EQ(decode<std::int8_t>(encode(std::int64_t{-128})), -128);
}

namespace frames {
using namespace detail;

constexpr std::size_t longest = 1000;

std::string two_frames() {
    std::string bytes;
    hello_frame hello;
    hello.cluster = "c";
    append_frame(bytes, frame_kind::hello, hello, longest);
    append_frame(bytes, frame_kind::cancel, cancel_frame{7}, longest);
    return bytes;
}

TEST(Frames, AreTakenOneByOne) {
    const std::string bytes = two_frames();
    std::string_view rest = bytes;
    std::string_view body;
    ASSERT_TRUE(take_frame(rest, body, longest));
    EXPECT_EQ(decode<hello_frame>(body.substr(1)).cluster, "c");
    ASSERT_TRUE(take_frame(rest, body, longest));
    EXPECT_EQ(decode<cancel_frame>(body.substr(1)).ticket, 7u);
    EXPECT_FALSE(take_frame(rest, body, longest));
}

TEST(Frames, EveryFlippedBitIsNoticedAtOnce) {
    // Without a checksum of its own a length that grew is noticed by nobody: its end never comes.
    const std::string bytes = two_frames();
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string changed = bytes;
            changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
            std::string_view rest = changed;
            std::string_view body;
            const auto take_all = [&] {
                while (take_frame(rest, body, longest)) {
                }
            };
            EXPECT_THROW(take_all(), call_failed) << at << " " << bit;
        }
    }
}

TEST(Frames, ThatAreTooLongAreRefusedOnBothSides) {
    std::string bytes = "before";
    hello_frame hello;
    hello.cluster = std::string(longest, 'x');
    EXPECT_THROW(append_frame(bytes, frame_kind::hello, hello, longest), call_failed);
    EXPECT_EQ(bytes, "before");
    append_frame(bytes, frame_kind::hello, hello, 2 * longest);
    std::string_view rest = std::string_view(bytes).substr(6);
    std::string_view body;
    EXPECT_THROW(take_frame(rest, body, longest), call_failed);
}

TEST(Frames, TheChecksumIsCastagnolis) {
    EXPECT_EQ(checksum("123456789"), 0xe3069283u);  // RFC 3720, and every CRC-32C's check value
}

}  // namespace frames
}  // namespace
}  // namespace squall::actors
