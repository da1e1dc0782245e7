// Histories whose verdict is known, what is said of them, and limits.
#include "linear_support.h"

#include <squall/decisions.h>
#include <squall/stream.h>  // has an operation of its own, and both must go into one file

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace squall {
namespace {

using namespace testing_support;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using reg = register_model<int>;
constexpr auto holds = linearizability::holds;
constexpr auto violated = linearizability::violated;

linearizability registers(std::vector<operation_of<reg>> all, int initial = 0) {
    return verdict_of(reg{initial}, std::move(all));
}

TEST(Linearizability, OfNothing) {
    EXPECT_EQ(registers({}), holds);
    EXPECT_EQ(registers({open<reg>(1, reg::write(3), 5)}), holds);
}

// Two reads during a write: the old value and then the new one, but not the other way round.
TEST(Linearizability, ReadsDuringAWrite) {
    const auto history = [](int first, int second) {
        return std::vector{done<reg>(0, reg::write(100), reg::done(), 0, 100),
                           done<reg>(1, reg::read(), reg::is(first), 10, 40),
                           done<reg>(2, reg::read(), reg::is(second), 50, 80)};
    };
    EXPECT_EQ(registers(history(0, 100)), holds);
    EXPECT_EQ(registers(history(100, 100)), holds);
    EXPECT_EQ(registers(history(0, 0)), holds);
    EXPECT_EQ(registers(history(100, 0)), violated);
}

// The read's interval decides which of three writes, one after the other, it may see.
TEST(Linearizability, AReadSeesAWriteItOverlapsOrTheLastBefore) {
    for (const auto& [value, expected] :
         {std::pair(1, violated), std::pair(2, holds), std::pair(3, holds), std::pair(4, violated)})
        EXPECT_EQ(registers({done<reg>(0, reg::write(1), reg::done(), 0, 10),
                             done<reg>(0, reg::write(2), reg::done(), 20, 30),
                             done<reg>(0, reg::write(3), reg::done(), 40, 60),
                             done<reg>(0, reg::write(4), reg::done(), 80, 90),
                             done<reg>(1, reg::read(), reg::is(value), 50, 70)}),
                  expected)
            << value;
}

TEST(Linearizability, CompareAndSet) {
    EXPECT_EQ(registers({done<reg>(0, reg::compare_and_set(0, 1), reg::done(), 0, 10),
                         done<reg>(1, reg::compare_and_set(1, 2), reg::done(), 0, 10),
                         done<reg>(2, reg::read(), reg::is(2), 20, 30)}),
              holds);
    // Two of the same cannot both win.
    EXPECT_EQ(registers({done<reg>(0, reg::compare_and_set(0, 1), reg::done(), 0, 10),
                         done<reg>(1, reg::compare_and_set(0, 2), reg::done(), 0, 10)}),
              violated);
    // One that failed must have had something to fail for.
    EXPECT_EQ(registers({done<reg>(0, reg::compare_and_set(0, 1), reg::done(false), 0, 10)}), violated);
    EXPECT_EQ(registers({done<reg>(0, reg::compare_and_set(0, 1), reg::done(false), 0, 10),
                         done<reg>(1, reg::write(7), reg::done(), 5, 15)}),
              holds);
}

// Fails if intervals that only touch are taken for one after the other, or those that do not for concurrent.
TEST(Linearizability, WhatTouchesIsConcurrent) {
    EXPECT_EQ(registers({done<reg>(0, reg::write(1), reg::done(), 0, 10),
                         done<reg>(1, reg::read(), reg::is(0), 10, 20)}),
              holds);
    EXPECT_EQ(registers({done<reg>(0, reg::write(1), reg::done(), 0, 10),
                         done<reg>(1, reg::read(), reg::is(0), 11, 20)}),
              violated);
}

TEST(Linearizability, WhatIsOpenMayHappenAtAnyTimeOrNever) {
    const auto after = [](int first, int second) {
        return std::vector{open<reg>(0, reg::write(5), 10), done<reg>(1, reg::read(), reg::is(first), 20, 30),
                           done<reg>(1, reg::read(), reg::is(second), 1000, 1010)};
    };
    EXPECT_EQ(registers(after(0, 0)), holds);
    EXPECT_EQ(registers(after(0, 5)), holds);
    EXPECT_EQ(registers(after(5, 5)), holds);
    EXPECT_EQ(registers(after(5, 0)), violated);  // it cannot be undone
    // Nor before its call, nor twice.
    EXPECT_EQ(registers({done<reg>(1, reg::read(), reg::is(5), 0, 9), open<reg>(0, reg::write(5), 10)}),
              violated);
    EXPECT_EQ(registers({open<reg>(0, reg::write(5), 0), done<reg>(1, reg::read(), reg::is(5), 1, 2),
                         done<reg>(1, reg::write(6), reg::done(), 3, 4),
                         done<reg>(1, reg::read(), reg::is(5), 5, 6)}),
              violated);
    // Two of them in a row, the second on top of the first.
    EXPECT_EQ(registers({open<reg>(0, reg::write(5), 0), open<reg>(1, reg::compare_and_set(5, 6), 1),
                         done<reg>(2, reg::read(), reg::is(6), 2, 3)}),
              holds);
    EXPECT_EQ(
        registers({open<reg>(1, reg::compare_and_set(5, 6), 1), done<reg>(2, reg::read(), reg::is(6), 2, 3)}),
        violated);
}

// Fails if of equal open operations only one is ever used, or more than there are.
TEST(Linearizability, EqualOpenOperationsEachCount) {
    for (int extra = 0; extra <= 4; ++extra) {
        std::vector<operation_of<counter_model>> all;
        for (int i = 0; i < 3; ++i)
            all.push_back(open<counter_model>(i, counter_model::add(), i));
        all.push_back(done<counter_model>(9, counter_model::read(), extra, 10, 20));
        EXPECT_EQ(verdict_of(counter_model(), all), extra <= 3 ? holds : violated) << extra;
    }
}

TEST(Linearizability, Queues) {
    using queue = queue_model<int>;
    const queue model;
    const auto in = [](int value, int from, int to) {
        return done<queue>(0, queue::enqueue(value), {}, from, to);
    };
    const auto out = [](std::optional<int> value, int from, int to) {
        return done<queue>(1, queue::dequeue(), value, from, to);
    };
    EXPECT_EQ(
        verdict_of(model, {in(1, 0, 10), in(2, 20, 30), out(1, 40, 50), out(2, 60, 70), out({}, 80, 90)}),
        holds);
    EXPECT_EQ(verdict_of(model, {in(1, 0, 10), in(2, 20, 30), out(2, 40, 50)}), violated);
    EXPECT_EQ(verdict_of(model, {in(1, 0, 25), in(2, 20, 30), out(2, 40, 50), out(1, 60, 70)}), holds);
    EXPECT_EQ(verdict_of(model, {in(1, 0, 10), out({}, 20, 30)}), violated);
    EXPECT_EQ(verdict_of(model, {in(1, 0, 20), out({}, 10, 30)}), holds);
    EXPECT_EQ(verdict_of(model, {in(1, 0, 10), out(1, 20, 30), out(1, 20, 30)}), violated);
}

TEST(Linearizability, Banks) {
    const bank_model model{.initial = {10, 0}};
    const auto move = [](int amount, bool done_, int from, int to) {
        return done<bank_model>(0, bank_model::move(0, 1, amount), bank_model::done(done_), from, to);
    };
    const auto see = [](std::vector<std::int64_t> balances, int from, int to) {
        return done<bank_model>(1, bank_model::balances(), bank_model::are(std::move(balances)), from, to);
    };
    EXPECT_EQ(verdict_of(model, {move(3, true, 0, 10), see({7, 3}, 20, 30)}), holds);
    // A read that sees half a transfer.
    EXPECT_EQ(verdict_of(model, {move(3, true, 0, 10), see({7, 0}, 5, 30)}), violated);
    EXPECT_EQ(verdict_of(model, {move(6, true, 0, 10), move(6, true, 0, 10)}), violated);
    EXPECT_EQ(verdict_of(model, {move(6, true, 0, 10), move(6, false, 0, 10), see({4, 6}, 20, 30)}), holds);
    EXPECT_EQ(verdict_of(bank_model{{10, 0}, true}, {move(6, true, 0, 10), move(6, true, 0, 10)}), holds);
}

// A model of one's own, with a step that leaves a choice: a read may see any value written so far. Its state
// has a hash that is always the same, so that only comparison tells states apart.
struct stale_model {
    struct state {
        std::vector<int> written;
        bool operator==(const state&) const = default;
        friend std::uint64_t hash_value(const state&) { return 1; }
    };
    using input = std::optional<int>;  // none: read
    using output = int;
    state init() const { return {{0}}; }
    std::optional<state> step(const state& now, const input& in, const std::optional<output>& out) const {
        state next = now;
        if (in)
            next.written.push_back(*in);
        else if (out && std::find(now.written.begin(), now.written.end(), *out) == now.written.end())
            return std::nullopt;
        return next;
    }
    std::string describe(const input& in, const std::optional<output>&) const { return in ? "w" : "r"; }
};
TEST(Linearizability, ByAModelOfOnesOwn) {
    const auto write = [](int value, int from, int to) { return done<stale_model>(0, value, 0, from, to); };
    const auto read = [](int value, int from, int to) {
        return done<stale_model>(1, std::nullopt, value, from, to);
    };
    const stale_model model;
    EXPECT_EQ(verdict_of(model, {write(1, 0, 1), write(2, 2, 3), read(1, 4, 5), read(0, 6, 7)}), holds);
    EXPECT_EQ(verdict_of(model, {read(1, 0, 1), write(1, 2, 3)}), violated);
}

// Recording.

TEST(History, ItsOrderIsThatOfTheTelling) {
    // All at one instant: the write has returned before the read is called.
    for (const int value : {0, 1}) {
        history_of<reg> all;
        auto write = all.call(0, reg::write(1), 7);
        write.returned(reg::done(), 7);
        auto read = all.call(1, reg::read(), 7);
        read.returned(reg::is(value), 7);
        EXPECT_EQ(check_linearizable(reg(), all.operations()).verdict, value == 1 ? holds : violated);
    }
}

TEST(History, FailedDidNotHappenUnknownMayHave) {
    const auto read_after = [](auto end) {
        history_of<reg> all;
        auto write = all.call(0, reg::write(1), std::chrono::microseconds(1));
        end(write);
        auto read = all.call(1, reg::read(), std::chrono::microseconds(2));
        read.returned(reg::is(1), std::chrono::nanoseconds(2500));
        EXPECT_EQ(all.operations()[1].called.value, 2000);
        EXPECT_EQ(all.operations()[1].returned.value, 2500);
        return check_linearizable(reg(), all.operations());
    };
    EXPECT_EQ(read_after([](auto& call) { call.unknown(); }).verdict, holds);
    EXPECT_EQ(read_after([](auto&) {}).verdict, holds);
    const auto failed = read_after([](auto& call) { call.failed(); });
    EXPECT_EQ(failed.verdict, violated);
    EXPECT_EQ(failed.operations, 1u);
}

TEST(History, RefusesWhatCannotBe) {
    history_of<reg> all;
    auto call = all.call(0, reg::read(), 10);
    EXPECT_THROW((void)all.call(0, reg::read(), 9), std::invalid_argument);
    EXPECT_THROW(call.returned(reg::is(0), 9), std::invalid_argument);
    auto other = all.call(1, reg::read(), 10);
    other.unknown();
    EXPECT_THROW(other.returned(reg::is(0), 11), std::logic_error);
    EXPECT_THROW(other.failed(), std::logic_error);
    EXPECT_THROW(history_of<reg>({done<reg>(0, reg::read(), reg::is(0), 5, 4)}), std::invalid_argument);
    auto silent = done<reg>(0, reg::read(), reg::is(0), 5, 6);
    silent.output.reset();
    EXPECT_THROW(history_of<reg>({silent}), std::invalid_argument);
}

// What is said.

linearizability_result stale_read(int writes_before) {
    std::vector<operation_of<reg>> all;
    for (int i = 0; i < writes_before; ++i)
        all.push_back(done<reg>(3, reg::write(1000 + i), reg::done(), i * 10, i * 10 + 5));
    const std::int64_t from = writes_before * 10;
    all.push_back(done<reg>(0, reg::write(1), reg::done(), from, from + 20));
    all.push_back(done<reg>(1, reg::write(2), reg::done(), from + 30, from + 50));
    all.push_back(done<reg>(2, reg::read(), reg::is(1), from + 60, from + 80));
    all.push_back(done<reg>(1, reg::read(), reg::is(2), from + 90, from + 100));
    const history_of<reg> made(std::move(all));
    return check_linearizable(reg(), made.operations());
}

TEST(CounterExample, IsDrawnToScale) {
    const auto result = stale_read(0);
    ASSERT_EQ(result.verdict, violated);
    EXPECT_EQ(to_text(result, 72),
              R"(not linearizable: 4 operations, of which 2 can be placed
client 0 |-1:write 1-----|
client 1                        |-2:write 2-----|
client 2                                                |-3:read -> 1--|
  1: write 1  (client 0, 0 to 20, placed as number 1)
  2: write 2  (client 1, 30 to 50, placed as number 2)
  3: read -> 1  (client 2, 60 to 80, does not fit)
state after 2 operations: 2
not shown: 1 operation called after this
)");
}

// Fails if operations that have nothing to do with it are shown, or if one of the three is not.
TEST(CounterExample, ShowsWhatContradictsEachOther) {
    for (const int before : {5, 60, 500}) {
        const auto result = stale_read(before);
        ASSERT_TRUE(result.failure);
        ASSERT_THAT(result.failure->operations, SizeIs(3)) << to_text(result);
        EXPECT_EQ(result.failure->operations[0].description, "write 1");
        EXPECT_EQ(result.failure->operations[1].description, "write 2");
        EXPECT_EQ(result.failure->operations[2].description, "read -> 1");
        EXPECT_THAT(result.failure->prefix, SizeIs(static_cast<std::size_t>(before) + 2));
        EXPECT_EQ(result.failure->later, 1u);
        EXPECT_EQ(result.failure->earlier + result.failure->irrelevant, static_cast<std::size_t>(before));
        EXPECT_EQ(result.failure->state, "2");
    }
}

TEST(CounterExample, NamesItsKey) {
    using model = registers_model<std::string, int>;
    const model registers_;
    const history_of<model> all({done<model>(0, model::write("apple", 1), model::done(), 0, 1),
                                 done<model>(0, model::read("apple"), model::is(1), 2, 3),
                                 done<model>(0, model::write("pear\n", 1), model::done(), 4, 5),
                                 done<model>(0, model::read("pear\n"), model::is(9), 6, 7)});
    const auto result = check_linearizable(registers_, all.operations());
    ASSERT_TRUE(result.failure);
    EXPECT_THAT(to_text(result), HasSubstr("2 operations, of which 1 can be placed\nkey \"pear\\n\"\n"));
    EXPECT_THAT(result.failure->operations, SizeIs(1));
    EXPECT_EQ(result.failure->operations[0].index, 3u);
    EXPECT_EQ(result.partitions, 2u);
}

// Fails if bytes of the program reach the terminal, or a line is too long.
TEST(CounterExample, IsPrintableAndNoWiderThanAsked) {
    using model = register_model<std::string>;
    std::vector<operation_of<model>> all;
    const std::string wild = "\x1b[2J\xff\xc3\xa4\r" + std::string(300, 'x');
    for (int i = 0; i < 30; ++i)
        all.push_back(done<model>(i % 11 * 1000000, model::read(), model::is(wild + std::to_string(i)), i * i,
                                  2000 + i));
    all.push_back(open<model>(7, model::write(wild), 5));
    const history_of<model> made(std::move(all));
    const auto result = check_linearizable(model(), made.operations());
    ASSERT_EQ(result.verdict, violated);
    for (const std::size_t columns : {60u, 100u, 140u}) {
        std::size_t width = 0;
        for (const char c : to_text(result, columns)) {
            EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~'));
            width = c == '\n' ? 0 : width + 1;
            ASSERT_LE(width, columns);
        }
    }
    EXPECT_THAT(to_text(result), HasSubstr("read -> \"\\x1b[2J\\xff\\xc3\\xa4\\x0dxxx"));
    const std::string text = to_json(*result.failure);
    const auto parsed = nlohmann::json::parse(text);
    EXPECT_EQ(parsed["operations"].size(), result.failure->operations.size());
    EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }));
}

// What overlaps has lines of its own, what is open has no end, and order is shown where the scale cannot.
TEST(CounterExample, OverlapsAndOpenEnds) {
    const history_of<reg> all({done<reg>(0, reg::write(1), reg::done(), 0, 1),
                               open<reg>(0, reg::compare_and_set(1, 2), 2),
                               open<reg>(0, reg::compare_and_set(2, 3), 3),
                               done<reg>(1, reg::read(), reg::is(3), 1'000'000, 1'000'010),
                               done<reg>(1, reg::read(), reg::is(1), 1'000'020, 1'000'030)});
    const auto result = check_linearizable(reg(), all.operations());
    ASSERT_EQ(result.verdict, violated);
    const std::string text = to_text(result);
    EXPECT_THAT(text, HasSubstr("not to scale"));
    EXPECT_THAT(text, HasSubstr("read -> 1"));
    EXPECT_THAT(text, HasSubstr("client 0"));
    EXPECT_THAT(text, HasSubstr("\n         "));  // the second line of client 0
    EXPECT_THAT(text, HasSubstr("?\n"));
    const auto parsed = nlohmann::json::parse(to_json(*result.failure));
    for (const auto& each : parsed["operations"])
        EXPECT_EQ(each["returned"].is_null(), each["client"] == 0);
    EXPECT_EQ(parsed["operations"].size(), 4u);
}

// Limits.

// As many concurrent writes of different values as there are, and a read of none of them: every order is
// wrong.
std::vector<operation_of<reg>> hard(int writes) {
    std::vector<operation_of<reg>> all;
    for (int i = 0; i < writes; ++i)
        all.push_back(done<reg>(i, reg::write(i + 1), reg::done(), i, 1000 + i));
    all.push_back(done<reg>(99, reg::read(), reg::is(-1), 500, 600));
    return all;
}

TEST(Limits, AnEndlessSearchEndsUnknown) {
    const history_of<reg> all(hard(40));
    for (const std::uint64_t steps : {0u, 1u, 1000u, 100'000u}) {
        const auto result = check_linearizable(reg(), all.operations(), {.steps = steps});
        EXPECT_EQ(result.verdict, linearizability::unknown);
        EXPECT_LE(result.steps, steps + 200);
        EXPECT_THAT(result.undecided, SizeIs(1));
        EXPECT_THAT(to_text(result), HasSubstr("not known to be linearizable"));
    }
    EXPECT_EQ(check_linearizable(reg(), all.operations(), {.memory_bytes = 1'000'000}).verdict,
              linearizability::unknown);
    const history_of<reg> fewer(hard(6));
    EXPECT_EQ(check_linearizable(reg(), fewer.operations()).verdict, violated);
}

// Fails if one hard key leaves nothing for the others: the violation of the last is found all the same.
TEST(Limits, AHardKeyDoesNotStarveOthers) {
    std::vector<operation_of<kv_model>> all;
    for (const auto& each : hard(40))
        all.push_back({.client = each.client,
                       .input = {1, each.input},
                       .output = each.output,
                       .called = each.called,
                       .returned = each.returned,
                       .end = each.end});
    all.push_back(done<kv_model>(0, kv_model::read(2), kv_model::is(5), 2000, 2001));
    const history_of<kv_model> made(std::move(all));
    const auto result = check_linearizable(kv_model(), made.operations(), {.steps = 100'000});
    EXPECT_EQ(result.verdict, violated);
    ASSERT_TRUE(result.failure);
    EXPECT_EQ(result.failure->partition, "2");
}

// Counted, so that it says the same on a slow machine: what must not grow is the number of steps.
TEST(Limits, AHundredThousandOperationsOverAHundredKeys) {
    history_of<kv_model> all;
    drive_registers(all, 100, false, {.clients = 16, .operations = 100'000, .unknown = 2}, 1);
    const auto result = check_linearizable(kv_model(), all.operations());
    EXPECT_EQ(result.verdict, holds) << to_text(result);
    EXPECT_EQ(result.operations, 100'000u);
    EXPECT_EQ(result.partitions, 100u);
    EXPECT_LE(result.steps, 300'000u);
}
TEST(Limits, ClientsAllAtOneKeyAtATime) {
    history_of<kv_model> all;
    drive_registers(all, 100, true, {.clients = 8, .operations = 100'000}, 1);
    const auto result = check_linearizable(kv_model(), all.operations());
    EXPECT_EQ(result.verdict, holds) << to_text(result);
    EXPECT_LE(result.steps, 2'000'000u);
}

// Fails if what is remembered grows with the square of the history: one operation is under way all the time.
TEST(Limits, MemoryIsLinearInTheHistory) {
    history_of<reg> all;
    auto slow = all.call(0, reg::write(-1), 0);
    for (int i = 1; i <= 20'000; ++i) {
        auto write = all.call(1, reg::write(i), i);
        write.returned(reg::done(), i);
    }
    slow.returned(reg::done(), 20'000);
    const auto result = check_linearizable(reg(), all.operations(), {.memory_bytes = 8'000'000});
    EXPECT_EQ(result.verdict, holds) << to_text(result);
}

// A wrong order of enqueues shows only when they are dequeued; the model's hints spare the search that.
TEST(Limits, QueuesOfManyClients) {
    using model = queue_model<int>;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        history_of<model> all;
        dice random(seed);
        const model specification;
        model::state now;
        int number = 0;
        drive<model>(
            all, {.clients = 12, .operations = 2000}, random,
            [&](const model::input& in) { return specification.apply(now, in); },
            [&](dice& from) { return from.below(20) < 9 ? model::enqueue(++number) : model::dequeue(); });
        const auto result = check_linearizable(specification, all.operations(), {.steps = 20'000});
        EXPECT_EQ(result.verdict, holds) << to_text(result);
    }
}

TEST(Limits, TheSameEveryTime) {
    history_of<kv_model> all;
    drive_registers(all, 3, false, {.clients = 8, .operations = 500, .unknown = 5}, 4);
    const auto once = check_linearizable(kv_model(), all.operations());
    const auto again = check_linearizable(kv_model(), all.operations());
    EXPECT_EQ(once.steps, again.steps);
    EXPECT_EQ(once.orders, again.orders);
}

}  // namespace
}  // namespace squall
