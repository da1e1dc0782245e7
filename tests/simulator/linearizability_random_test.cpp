// The checker beside one that tries everything, on thousands of small histories.
#include "linear_support.h"

namespace squall {
namespace {

using namespace testing_support;

struct counts {
    int linearizable = 0;
    int not_linearizable = 0;
};

// Histories of a real object, one output of some exchanged for another's: accepted as long as nothing was
// exchanged, and then exactly when brute force accepts.
template <class M, class Make>
counts compare(const M& model, Make make, int histories, traffic how) {
    counts seen;
    for (int seed = 1; seed <= histories; ++seed) {
        dice random(static_cast<std::uint64_t>(seed));
        history_of<M> made;
        auto state = model.init();
        drive<M>(made, how, random, [&](const auto& in) { return model.apply(state, in); }, make);
        {
            const auto result = check_linearizable(model, made.operations());
            EXPECT_EQ(result.verdict, linearizability::holds) << "seed " << seed << "\n" << to_text(result);
            for (const auto& order : result.orders)
                expect_witness(model, made.operations(), order);
        }
        std::vector<operation_of<M>> changed(made.operations().begin(), made.operations().end());
        const std::size_t victim = random.below(changed.size());
        auto other = model.init();
        for (std::uint64_t i = random.below(4); i-- > 0;)
            (void)model.apply(other, make(random));
        if (changed[victim].output)
            *changed[victim].output = model.apply(other, changed[victim].input);
        const auto result = check_linearizable(model, changed);
        const bool expected = brute_force<M>(model, changed).linearizable();
        EXPECT_EQ(result.verdict, expected ? linearizability::holds : linearizability::violated)
            << "seed " << seed << "\n"
            << to_text(result);
        (expected ? seen.linearizable : seen.not_linearizable) += 1;
        if (expected && result.verdict == linearizability::holds) {
            for (const auto& order : result.orders)
                expect_witness(model, std::span<const operation_of<M>>(changed), order);
        } else if (result.failure) {
            // What it says to be needed is not linearizable; the rest may happen or not.
            std::vector<operation_of<M>> weaker = changed;
            for (auto& each : weaker) {
                each.end = each.end == call_end::returned ? call_end::unknown : each.end;
                each.returned_rank = never;
            }
            for (const auto& each : result.failure->operations)
                if (each.needed)
                    weaker[each.index] = changed[each.index];
            EXPECT_FALSE(brute_force<M>(model, weaker).linearizable()) << to_text(result);
        }
        if (testing::Test::HasFailure())
            break;
    }
    return seen;
}

constexpr traffic definite{.clients = 3, .operations = 7};
constexpr traffic doubtful{.clients = 3, .operations = 7, .unknown = 30, .failed = 10};

void expect_both(const counts& seen, int least) {
    EXPECT_GE(seen.linearizable, least);
    EXPECT_GE(seen.not_linearizable, least);
}

register_model<int>::input on_register(dice& random) {
    const int value = static_cast<int>(random.below(3));
    switch (random.below(3)) {
        case 0:
            return register_model<int>::read();
        case 1:
            return register_model<int>::write(value);
        default:
            return register_model<int>::compare_and_set(value, static_cast<int>(random.below(3)));
    }
}
TEST(AgainstBruteForce, Registers) {
    expect_both(compare(register_model<int>{}, on_register, 4000, definite), 500);
    expect_both(compare(register_model<int>{}, on_register, 4000, doubtful), 200);
}

TEST(AgainstBruteForce, Queues) {
    const auto make = [](dice& random) {
        const auto value = static_cast<int>(random.below(3));
        return random.below(2) == 0 ? queue_model<int>::enqueue(value) : queue_model<int>::dequeue();
    };
    expect_both(compare(queue_model<int>{}, make, 3000, definite), 300);
    expect_both(compare(queue_model<int>{}, make, 3000, doubtful), 200);
}

TEST(AgainstBruteForce, Sets) {
    // One element: brute force knows no partitions.
    const auto make = [](dice& random) {
        const auto what = static_cast<set_model<int>::action>(random.below(3));
        return set_model<int>::input{what, 1};
    };
    expect_both(compare(set_model<int>{}, make, 3000, definite), 300);
    expect_both(compare(set_model<int>{}, make, 3000, doubtful), 200);
}

TEST(AgainstBruteForce, Counters) {
    const auto make = [](dice& random) {
        const auto amount = static_cast<std::int64_t>(random.below(2)) + 1;
        switch (random.below(3)) {
            case 0:
                return counter_model::read();
            case 1:
                return counter_model::add(amount);
            default:
                return counter_model::add_and_get(amount);
        }
    };
    expect_both(compare(counter_model{}, make, 3000, definite), 300);
    expect_both(compare(counter_model{}, make, 3000, doubtful), 200);
}

TEST(AgainstBruteForce, Banks) {
    const auto make = [](dice& random) {
        const auto from = random.below(3);
        const auto to = random.below(3);
        return random.below(3) == 0 ? bank_model::balances()
                                    : bank_model::move(from, to, static_cast<std::int64_t>(random.below(4)));
    };
    const bank_model model{.initial = {3, 2, 0}};
    expect_both(compare(model, make, 3000, definite), 300);
    expect_both(compare(model, make, 3000, doubtful), 200);
}

// With more clients, and so more at once.
TEST(AgainstBruteForce, CrowdedRegisters) {
    expect_both(
        compare(register_model<int>{}, on_register, 3000, {.clients = 7, .operations = 8, .unknown = 20}),
        200);
}

// Fails if keys are mixed up: brute force on each key alone, the checker on all.
TEST(AgainstBruteForce, KeyByKey) {
    using model = registers_model<int, int>;
    const model registers;
    counts seen;
    for (int seed = 1; seed <= 1500; ++seed) {
        dice random(static_cast<std::uint64_t>(seed));
        std::vector<operation_of<model>> all;
        for (int key = 0; key < 3; ++key) {
            history<model::input, model::output> of_key;
            int value = 0;
            drive<model>(
                of_key, {.clients = 3, .operations = 5, .unknown = 10}, random,
                [&](const model::input& in) { return registers.apply(value, in); },
                [&](dice& from) { return model::input{key, on_register(from)}; });
            all.insert(all.end(), of_key.operations().begin(), of_key.operations().end());
        }
        auto& victim = all[random.below(all.size())];
        if (victim.output && victim.input.what.what == register_model<int>::action::read)
            victim.output->value = static_cast<int>(random.below(3));
        bool expected = true;
        for (int key = 0; key < 3; ++key) {
            std::vector<operation_of<model>> alone;
            std::copy_if(all.begin(), all.end(), std::back_inserter(alone),
                         [&](const auto& each) { return each.input.where == key; });
            expected = expected && brute_force<model>(registers, alone).linearizable();
        }
        const history_of<model> mixed(all);
        const auto result = check_linearizable(registers, mixed.operations());
        ASSERT_EQ(result.verdict, expected ? linearizability::holds : linearizability::violated)
            << to_text(result);
        EXPECT_EQ(result.partitions, 3u);
        (expected ? seen.linearizable : seen.not_linearizable) += 1;
    }
    expect_both(seen, 50);
}

}  // namespace
}  // namespace squall
