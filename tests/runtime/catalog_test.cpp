// The catalog: what the program's sections say, one entry per place, and what is wrong with them.
#include <squall/catalog.h>

#include "shared_places.h"

#include <squall/coverage.h>
#include <squall/hex.h>
#include <squall/text_hash.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace places {

int use_here(int value) {
    int sum = shared_inline(value) + shared_inline(value + 1);
    sum += shared_lambda(value);
    sum += static_cast<int>(shared_template(value)) + static_cast<int>(shared_template(2.5F));
    shared_class<int> number(3);
    return sum + number.value + (shared_fire() ? 1 : 0);
}

const void* site_here() {
    return &squall_site_51a0000000000001;
}

}  // namespace places

namespace {

using squall::catalog_entry;
using squall::site_kind;
using squall::site_record;
using testing::Contains;
using testing::HasSubstr;

std::vector<catalog_entry> entries_with(std::string_view detail) {
    auto all = squall::catalog();
    std::erase_if(all, [&](const catalog_entry& e) { return e.detail != detail; });
    return all;
}

// A record as a compiler would lay it out, made by hand.
template <unsigned Size = 96>
struct alignas(32) hand_made {
    site_record head{};
    char text[Size]{};

    hand_made(std::uint64_t id, unsigned line, site_kind kind, const std::vector<std::string>& fields) {
        head.id = id;
        head.size = sizeof(hand_made);
        head.line = line;
        head.kind = kind;
        head.version = 1;
        char* at = text;
        for (const auto& field : fields) {
            std::memcpy(at, field.c_str(), field.size() + 1);
            at += field.size() + 1;
        }
    }
};
template <class Records>
void register_all(Records& records) {
    squall_register(&records.front().head,
                    &records.back().head + sizeof(records.back()) / sizeof(site_record));
}

// Runs a body after which this process's catalog would be spoilt.
template <class Body>
void in_a_process_of_its_own(Body body) {
    const auto run_and_exit = [&] {
        body();
        std::_Exit(testing::Test::HasFailure() ? 1 : 0);
    };
    EXPECT_EXIT(run_and_exit(), testing::ExitedWithCode(0), "");
}

// Fails if templates, inlining or a second object file make further entries of one place.
TEST(Catalog, HasOneEntryForEachPlace) {
    ASSERT_GT(places::use_here(1) + places::use_there(2), 0);
    for (const char* message :
         {"a shared template saw more than one", "a shared inline function is never given -1",
          "a shared lambda was called", "a shared class was made"}) {
        const auto found = entries_with(message);
        ASSERT_EQ(found.size(), 1u) << message;
        EXPECT_THAT(std::string(found[0].file), HasSubstr("shared_places.h"));
        EXPECT_GT(found[0].line, 0u);
        EXPECT_TRUE(squall::is_assertion(found[0].kind));
        EXPECT_EQ(squall::catalog_find(found[0].id), found[0].index);
    }
}

// Fails if the two object files each keep a copy of a site: the rewritten code would count two places.
TEST(Catalog, ASiteInAHeaderIsOneObjectInTheProgram) {
    EXPECT_EQ(places::site_here(), places::site_there());
    unsigned copies = 0;
    const auto* at = reinterpret_cast<const char*>(__start_squall_sites);
    const auto* end = reinterpret_cast<const char*>(__stop_squall_sites);
    while (at < end) {
        const auto& record = *reinterpret_cast<const site_record*>(at);
        ASSERT_GT(record.size, sizeof(site_record));
        copies += record.id == 0x51a0000000000001u ? 1 : 0;
        at += record.size;
    }
    EXPECT_EQ(copies, 1u);
}

// Fails if the text of a record is read back otherwise than it was written.
TEST(Catalog, TellsWhatTheRecordSays) {
    const auto index = squall::catalog_find(0x51a0000000000001u);
    ASSERT_NE(index, 0u);
    const catalog_entry site = squall::catalog()[index - 1];
    EXPECT_EQ(site.index, index);
    EXPECT_EQ(site.kind, site_kind::error_return);
    EXPECT_EQ(site.line, 10u);
    EXPECT_EQ(site.rule, "error-return");
    EXPECT_EQ(site.file, "shared_places.h");
    EXPECT_EQ(site.function, "shared_fire()");
    EXPECT_EQ(site.detail, "");
    EXPECT_EQ(squall::catalog_find(0xdeadu), 0u);
}

// Fails if indices have holes or repeat, or a hand-written assertion's id is not the hash of its text.
TEST(Catalog, NumbersItsEntriesFromOne) {
    const auto all = squall::catalog();
    ASSERT_EQ(all.size(), squall::catalog_size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(all[i].index, i + 1);
        if (squall::is_assertion(all[i].kind) &&
            all[i].file != "kinds.cpp") {  // those are as rewriting makes them
            std::string text;
            for (auto field : {all[i].rule, all[i].file, std::string_view(), all[i].detail})
                text.append(field).push_back('\0');
            EXPECT_EQ(all[i].id, squall::text_hash(text));
        }
    }
}

// Fails if this program's own records count as broken.
TEST(Catalog, OfASoundProgramHasNoErrors) {
    EXPECT_THAT(squall::catalog_errors(), testing::IsEmpty());
}

// Messages with what an assembler could stumble over.
void odd_messages() {
    SQUALL_REACHABLE("a \"quoted\" 100%r message \\ with {braces|bars} and \303\274");
    SQUALL_REACHABLE(
        "a message "
        "in two parts");
}

// Fails if such a message reaches the section changed: its assertion would never be found.
TEST(Catalog, KeepsOddMessages) {
    odd_messages();
    EXPECT_EQ(entries_with("a \"quoted\" 100%r message \\ with {braces|bars} and \303\274").size(), 1u);
    EXPECT_EQ(entries_with("a message in two parts").size(), 1u);
}

// Fails if one id for two places goes unnoticed: the two would share their luck and their counts. In a
// process of its own, as the catalog's errors stay.
TEST(CatalogDeathTest, ReportsOneIdForTwoPlaces) {
    in_a_process_of_its_own([] {
        static std::array<hand_made<>, 2> records{
            hand_made<>(7, 3, site_kind::buggify, {"buggify", "a.cpp", "f()", "first"}),
            hand_made<>(7, 9, site_kind::buggify, {"buggify", "b.cpp", "g()", "second"})};
        register_all(records);
        EXPECT_THAT(
            squall::catalog_errors(),
            Contains(testing::AllOf(HasSubstr("one id"), HasSubstr("a.cpp:3"), HasSubstr("b.cpp:9"))));
        EXPECT_EQ(records[1].head.index, 0u) << "the second does not act";
    });
}

// Fails if two assertions of one message in one file are counted as one without a word.
TEST(CatalogDeathTest, ReportsOneMessageForTwoAssertions) {
    in_a_process_of_its_own([] {
        static std::array<hand_made<>, 3> records{
            hand_made<>(0, 3, site_kind::sometimes, {"sometimes", "a.cpp", "", "it happens"}),
            hand_made<>(0, 3, site_kind::sometimes, {"sometimes", "a.cpp", "", "it happens"}),
            hand_made<>(0, 8, site_kind::sometimes, {"sometimes", "a.cpp", "", "it happens"})};
        const auto before = squall::catalog_size();
        register_all(records);
        const auto errors = squall::catalog_errors();
        EXPECT_EQ(errors.size(), 1u) << "a copy of a place is no second place";
        EXPECT_THAT(errors, Contains(testing::AllOf(HasSubstr("a.cpp:3"), HasSubstr("a.cpp:8"),
                                                    HasSubstr("it happens"))));
        EXPECT_EQ(squall::catalog_size(), before + 1);
    });
}

// Fails if a damaged or foreign section is read on, off its end.
TEST(CatalogDeathTest, ReportsADamagedSection) {
    in_a_process_of_its_own([] {
        static std::array<hand_made<>, 3> records{
            hand_made<>(101, 1, site_kind::buggify, {"buggify", "a.cpp", "f()", "sound"}),
            hand_made<>(102, 2, site_kind::buggify, {"buggify", "a.cpp", "f()", "damaged"}),
            hand_made<>(103, 3, site_kind::buggify, {"buggify", "a.cpp", "f()", "behind"})};
        records[1].head.size = 1000;
        register_all(records);
        static std::array<hand_made<>, 1> newer{
            hand_made<>(104, 1, site_kind::buggify, {"buggify", "a.cpp", "f()", "newer"})};
        newer[0].head.version = 9;
        register_all(newer);
        static std::array<hand_made<32>, 1> endless{hand_made<32>(105, 77, site_kind::buggify, {})};
        std::memset(endless[0].text, 'x', sizeof endless[0].text);
        register_all(endless);
        EXPECT_NE(squall::catalog_find(101), 0u);
        EXPECT_EQ(squall::catalog_find(102), 0u);
        EXPECT_EQ(squall::catalog_find(104), 0u);
        EXPECT_THAT(squall::catalog_errors(),
                    testing::ElementsAre(HasSubstr("damaged 128 bytes after"), HasSubstr("another version"),
                                         HasSubstr("at line 77")));
    });
}

// Fails if a module that registers twice (once per translation unit is usual) counts twice.
TEST(CatalogDeathTest, TakesAModuleOnce) {
    in_a_process_of_its_own([] {
        static std::array<hand_made<>, 1> records{
            hand_made<>(0, 1, site_kind::buggify, {"buggify", "late.cpp", "f()", "late"})};
        const auto before = squall::catalog_size();
        register_all(records);
        register_all(records);
        EXPECT_EQ(squall::catalog_size(), before + 1);
        EXPECT_NE(records[0].head.id, 0u) << "a site without an id gets that of its text";
        EXPECT_EQ(records[0].head.index, before + 1);
    });
}

// Fails if coverage needs a run, is not forgotten, or marks more than what was reached.
TEST(Catalog, CoverageIsWhatWasReachedSinceTheReset) {
    const auto place = squall::catalog_find(0x51a0000000000002u);
    squall::coverage_reset();
    EXPECT_THAT(squall::coverage_reached(), testing::Not(Contains(place)));
    places::use_there(1);
    EXPECT_THAT(squall::coverage_reached(), Contains(place));
    squall::coverage_reset();
    EXPECT_THAT(squall::coverage_reached(), testing::IsEmpty());
}

// Fails if an id loses its zeros, or its digits stand the other way round.
TEST(Catalog, AnIdHasSixteenDigits) {
    EXPECT_EQ(squall::hex(0), "0000000000000000");
    EXPECT_EQ(squall::hex(0x00abcdef01234567u), "00abcdef01234567");
    EXPECT_EQ(squall::hex(~std::uint64_t{0}), "ffffffffffffffff");
}

}  // namespace
