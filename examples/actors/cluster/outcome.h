// What is known of a call to an actor, for those who keep account of what they asked for.
#ifndef EXAMPLE_CLUSTER_OUTCOME_H
#define EXAMPLE_CLUSTER_OUTCOME_H

#include "cluster/member.h"

#include <squall/actors/error.h>
#include <squall/assertions.h>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>

namespace cluster {

enum class known : std::uint8_t {
    answered,  // it was handled once, and here is the result
    declined,  // it was handled once, and the actor threw the Refusal
    handled,   // it was handled once; the result is gone
    nothing,   // it was not handled and will not be
    unknown,   // it may have been handled, or may yet
};

// Of a class whose methods refuse nothing.
struct no_refusal {};

template <class Refusal, class T>
asio::awaitable<known> outcome_of(asio::awaitable<T> call) {
    known outcome = known::answered;
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(call);
        } else {
            [[maybe_unused]] T value = co_await std::move(call);
        }
    } catch (const Refusal&) {
        outcome = known::declined;
    } catch (const actors::call_failed& e) {
        if (e.code() == actors::error::result_lost)
            outcome = known::handled;
        else
            outcome = actors::had_no_effect(e.code()) ? known::nothing : known::unknown;
    }
    SQUALL_SOMETIMES(outcome == known::handled, "a result is lost");
    SQUALL_SOMETIMES(outcome == known::nothing, "a call has certainly had no effect");
    SQUALL_SOMETIMES(outcome == known::unknown, "the outcome of a call is unknown");
    co_return outcome;
}

// Asks until there is an answer, when faults are over: then every actor can be reached.
template <class Call>
auto ask_until_answered(asio::any_io_executor executor, Call make)
    -> asio::awaitable<typename decltype(make())::value_type> {
    for (int tried = 0;; ++tried) {
        SQUALL_ALWAYS(tried < 10, "every actor can be reached when the faults are over");
        try {
            auto asked = make();
            auto answer = co_await std::move(asked);
            co_return answer;
        } catch (const actors::call_failed&) {
        }
        co_await pause(executor, 1s);
    }
}

}  // namespace cluster

#endif  // EXAMPLE_CLUSTER_OUTCOME_H
