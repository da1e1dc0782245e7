// What the tests of linearizability share: histories by hand, and a judge that tries everything.
#ifndef SQUALL_TESTS_SIMULATOR_LINEAR_SUPPORT_H
#define SQUALL_TESTS_SIMULATOR_LINEAR_SUPPORT_H

#include "linear_histories.h"

#include <squall/linearizability.h>
#include <squall/models.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace squall::testing_support {

template <class M>
operation_of<M> done(int client, typename M::input in, typename M::output out, std::int64_t from,
                     std::int64_t to) {
    return {.client = client,
            .input = std::move(in),
            .output = std::optional<typename M::output>(std::in_place, std::move(out)),
            .called = from,
            .returned = to,
            .end = call_end::returned};
}
template <class M>
operation_of<M> open(int client, typename M::input in, std::int64_t from) {
    return {.client = client, .input = std::move(in), .called = from};
}

template <class M>
linearizability verdict_of(const M& model, std::vector<operation_of<M>> operations) {
    const history_of<M> all(std::move(operations));
    return check_linearizable(model, all.operations()).verdict;
}

// Every order of every choice of the operations that need not have happened. No partitions, no memory, no
// heuristics; for ten operations or so. The state is a map of keys to states.
template <class M>
class brute_force {
public:
    brute_force(const M& model, std::span<const operation_of<M>> all) : model_(model), all_(all) {
        for (std::size_t i = 0; i < all.size(); ++i)
            if (all[i].end != call_end::failed)
                left_.push_back(i);
    }
    // Of one partition.
    bool linearizable() { return from(model_.init(), left_); }

private:
    bool from(const typename M::state& state, const std::vector<std::size_t>& left) {
        bool done = true;
        for (const std::size_t i : left)
            done = done && all_[i].end != call_end::returned;
        if (done)
            return true;
        for (const std::size_t i : left) {
            bool first = true;
            for (const std::size_t j : left)
                first = first &&
                        !(all_[j].end == call_end::returned && all_[j].returned_rank < all_[i].called_rank);
            if (!first)
                continue;
            typename M::state next = state;
            const typename M::output answer = model_.apply(next, all_[i].input);
            if (all_[i].output && !(answer == *all_[i].output))
                continue;
            std::vector<std::size_t> rest;
            for (const std::size_t j : left)
                if (j != i)
                    rest.push_back(j);
            if (from(next, rest))
                return true;
        }
        return false;
    }

    const M& model_;
    std::span<const operation_of<M>> all_;
    std::vector<std::size_t> left_;
};

// Fails unless the order is one that the model allows and real time does.
template <class M>
void expect_witness(const M& model, std::span<const operation_of<M>> all,
                    std::span<const std::size_t> order) {
    auto state = model.init();
    std::uint64_t latest_call = 0;
    for (const std::size_t i : order) {
        EXPECT_LT(latest_call, all[i].returned_rank)
            << "operation " << i << " returned before one that precedes it";
        latest_call = std::max(latest_call, all[i].called_rank);
        const auto answer = model.apply(state, all[i].input);
        EXPECT_TRUE(!all[i].output || answer == *all[i].output) << "operation " << i;
        EXPECT_NE(all[i].end, call_end::failed);
    }
}

}  // namespace squall::testing_support

#endif  // SQUALL_TESTS_SIMULATOR_LINEAR_SUPPORT_H
