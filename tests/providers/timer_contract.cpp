// Timers and clocks.
#include "contract.h"
#include "tools.h"

#include <squall/clock.h>
#include <squall/random.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <functional>
#include <random>
#include <set>
#include <vector>

namespace squall::contract {

using namespace asio::experimental::awaitable_operators;

TEST_P(timers, do_not_fire_before_their_expiry) {
    // Fails if a wait ends early.
    run([](contract_world& world) -> asio::awaitable<void> {
        for (int us : {1, 100, 1000, 3000}) {
            timer t(world.executor(), std::chrono::microseconds(us));
            steady_clock::time_point expiry = t.expiry();
            co_await t.async_wait(use_awaitable);
            EXPECT_GE(steady_clock::now(world.executor()), expiry);
        }
    });
}

TEST_P(timers, fire_at_once_for_zero_negative_and_past_expiries) {
    // Fails if such a wait errs, hangs, or runs its handler inside async_wait().
    run([](contract_world& world) -> asio::awaitable<void> {
        timer t(world.executor());
        event done(world.executor());
        int fired = 0;
        auto handler = [&](error_code ec) {
            EXPECT_FALSE(ec);
            ++fired;
            done.set();
        };
        t.expires_after(milliseconds(0));
        t.async_wait(handler);
        EXPECT_EQ(fired, 0);
        co_await done.wait();
        t.expires_after(milliseconds(-5));
        co_await t.async_wait(use_awaitable);
        t.expires_after(steady_clock::duration::min());
        co_await t.async_wait(use_awaitable);
        t.expires_at(steady_clock::now(world.executor()) - std::chrono::nanoseconds(1));
        co_await t.async_wait(use_awaitable);
        t.expires_at(timer::time_point{});
        co_await t.async_wait(use_awaitable);
        EXPECT_EQ(fired, 1);
    });
}

TEST_P(timers, count_a_negative_duration_as_zero) {
    // Fails if expires_after() sets an expiry in the past.
    run([](contract_world& world) -> asio::awaitable<void> {
        timer t(world.executor());
        steady_clock::time_point before = steady_clock::now(world.executor());
        t.expires_after(std::chrono::seconds(-1));
        EXPECT_GE(t.expiry(), before);
        co_return;
    });
}

TEST_P(timers, never_fire_for_a_duration_beyond_the_clock) {
    // Fails if now + duration overflows into the past.
    run([](contract_world& world) -> asio::awaitable<void> {
        timer longest(world.executor(), steady_clock::duration::max());
        timer longer(world.executor(), std::chrono::hours::max());
        EXPECT_EQ(longest.expiry(), timer::time_point::max());
        EXPECT_EQ(longer.expiry(), timer::time_point::max());
        timer soon(world.executor(), milliseconds(1));
        auto first = co_await (longest.async_wait(use_awaitable) || longer.async_wait(use_awaitable) ||
                               soon.async_wait(use_awaitable));
        EXPECT_EQ(first.index(), 2u);
    });
}

TEST_P(timers, fire_in_the_order_of_their_expiries) {
    // Fails if the order of starting, or anything else, comes before the expiry.
    run([](contract_world& world) -> asio::awaitable<void> {
        std::vector<int> order;
        std::vector<timer> all;
        steady_clock::time_point start = steady_clock::now(world.executor());
        event done(world.executor());
        for (int i = 0; i < 5; ++i) {
            all.emplace_back(world.executor());
            all.back().expires_at(start + std::chrono::microseconds(1000 - 200 * i));
            all.back().async_wait([&, i](error_code) {
                order.push_back(i);
                if (order.size() == 5)
                    done.set();
            });
        }
        co_await done.wait();
        EXPECT_EQ(order, (std::vector<int>{4, 3, 2, 1, 0}));
    });
}

TEST_P(timers, fire_by_the_thousand_in_order) {
    // Fails if the queue of timers loses, repeats or reorders some.
    run([](contract_world& world) -> asio::awaitable<void> {
        constexpr std::size_t count = 2000;
        std::mt19937 generator(7);
        std::vector<timer> all;
        std::vector<steady_clock::time_point> fired;
        all.reserve(count);
        event done(world.executor());
        steady_clock::time_point start = steady_clock::now(world.executor());
        for (std::size_t i = 0; i < count; ++i) {
            timer& t = all.emplace_back(world.executor());
            t.expires_at(start + std::chrono::nanoseconds(generator() % 3'000'000));
            t.async_wait([&, when = t.expiry()](error_code ec) {
                EXPECT_FALSE(ec);
                fired.push_back(when);
                if (fired.size() == count)
                    done.set();
            });
        }
        co_await done.wait();
        EXPECT_EQ(fired.size(), count);
        EXPECT_TRUE(std::is_sorted(fired.begin(), fired.end()));
    });
}

TEST_P(timers, serve_several_waits_at_once) {
    // Fails if a timer knows only its last wait.
    run([](contract_world& world) -> asio::awaitable<void> {
        timer t(world.executor(), milliseconds(1));
        int fired = 0;
        event done(world.executor());
        for (int i = 0; i < 3; ++i) {
            t.async_wait([&](error_code ec) {
                EXPECT_FALSE(ec);
                if (++fired == 3)
                    done.set();
            });
        }
        co_await done.wait();
        EXPECT_EQ(fired, 3);
    });
}

TEST_P(timers, count_the_waits_that_cancel_ends) {
    // Fails if cancel() miscounts, or counts what has completed.
    run([](contract_world& world) -> asio::awaitable<void> {
        timer t(world.executor());
        EXPECT_EQ(t.cancel(), 0u);
        t.expires_after(std::chrono::hours(1));
        int aborted = 0;
        event done(world.executor());
        for (int i = 0; i < 3; ++i) {
            t.async_wait([&](error_code ec) {
                EXPECT_EQ(ec, asio::error::operation_aborted);
                if (++aborted == 3)
                    done.set();
            });
        }
        EXPECT_EQ(t.cancel(), 3u);
        EXPECT_EQ(t.cancel(), 0u);
        EXPECT_EQ(aborted, 0);
        co_await done.wait();
        t.expires_after(milliseconds(0));
        co_await t.async_wait(use_awaitable);
        EXPECT_EQ(t.cancel(), 0u);
    });
}

TEST_P(timers, abort_pending_waits_when_armed_again) {
    // Fails if a wait survives a change of the expiry, or the new wait is aborted with the old one.
    run([](contract_world& world) -> asio::awaitable<void> {
        timer t(world.executor(), std::chrono::hours(1));
        error_code first;
        error_code second = asio::error::fault;
        event done(world.executor());
        t.async_wait([&](error_code ec) { first = ec; });
        EXPECT_EQ(t.expires_after(milliseconds(1)), 1u);
        t.async_wait([&](error_code ec) {
            second = ec;
            done.set();
        });
        co_await done.wait();
        EXPECT_EQ(first, asio::error::operation_aborted);
        EXPECT_EQ(second, error_code());
        EXPECT_EQ(t.expires_at(timer::time_point::max()), 0u);
    });
}

TEST_P(timers, abort_all_waits_when_destroyed) {
    // Fails if destroying a timer drops its waits, or runs their handlers at once.
    run([](contract_world& world) -> asio::awaitable<void> {
        int aborted = 0;
        event done(world.executor());
        {
            timer t(world.executor(), std::chrono::hours(1));
            for (int i = 0; i < 2; ++i) {
                t.async_wait([&](error_code ec) {
                    EXPECT_EQ(ec, asio::error::operation_aborted);
                    if (++aborted == 2)
                        done.set();
                });
            }
        }
        EXPECT_EQ(aborted, 0);
        co_await done.wait();
    });
}

TEST_P(timers, keep_their_waits_when_moved) {
    // Fails if a wait is bound to the address of its handle.
    run([](contract_world& world) -> asio::awaitable<void> {
        timer first(world.executor(), milliseconds(1));
        error_code result = asio::error::fault;
        event done(world.executor());
        first.async_wait([&](error_code ec) {
            result = ec;
            done.set();
        });
        timer second(std::move(first));
        co_await done.wait();
        EXPECT_EQ(result, error_code());
        second.expires_after(milliseconds(0));
        co_await second.async_wait(use_awaitable);
    });
}

TEST_P(timers, abort_the_waits_of_the_one_that_is_assigned_to) {
    // Fails if move assignment loses the target's waits.
    run([](contract_world& world) -> asio::awaitable<void> {
        timer target(world.executor(), std::chrono::hours(1));
        error_code result;
        event done(world.executor());
        target.async_wait([&](error_code ec) {
            result = ec;
            done.set();
        });
        target = timer(world.executor(), milliseconds(1));
        co_await done.wait();
        EXPECT_EQ(result, asio::error::operation_aborted);
        co_await target.async_wait(use_awaitable);
    });
}

TEST_P(timers, complete_waits_after_the_expiry_at_once) {
    // Fails if an expired timer can not be waited for again.
    run([](contract_world& world) -> asio::awaitable<void> {
        timer t(world.executor(), milliseconds(1));
        for (int i = 0; i < 3; ++i)
            co_await t.async_wait(use_awaitable);
    });
}

TEST_P(timers, abort_only_the_wait_whose_slot_is_signalled) {
    // Fails if a cancellation slot reaches beyond its own operation.
    run([](contract_world& world) -> asio::awaitable<void> {
        timer t(world.executor(), milliseconds(2));
        asio::cancellation_signal signal;
        error_code one;
        error_code other = asio::error::fault;
        event done(world.executor());
        t.async_wait(asio::bind_cancellation_slot(signal.slot(), [&](error_code ec) { one = ec; }));
        t.async_wait([&](error_code ec) {
            other = ec;
            done.set();
        });
        signal.emit(asio::cancellation_type::total);
        co_await done.wait();
        EXPECT_EQ(one, asio::error::operation_aborted);
        EXPECT_EQ(other, error_code());
    });
}

TEST_P(timers, abort_their_waits_in_the_order_in_which_they_began) {
    // Fails if a wait that began after the first one had ended goes before an older one.
    run([](contract_world& world) -> asio::awaitable<void> {
        timer t(world.executor(), std::chrono::hours(1));
        asio::cancellation_signal signal;
        std::vector<int> order;
        event first(world.executor());
        event done(world.executor());
        t.async_wait(asio::bind_cancellation_slot(signal.slot(), [&](error_code) { first.set(); }));
        for (int i = 0; i < 3; ++i)
            t.async_wait([&order, i](error_code) { order.push_back(i); });
        signal.emit(asio::cancellation_type::total);
        co_await first.wait();
        t.async_wait([&](error_code) {
            order.push_back(3);
            done.set();
        });
        EXPECT_EQ(t.cancel(), 4u);
        co_await done.wait();
        EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
    });
}

TEST_P(timers, can_be_armed_from_their_own_handlers) {
    // Fails if a handler runs while its timer is still in use.
    run([](contract_world& world) -> asio::awaitable<void> {
        timer t(world.executor());
        int left = 50;
        event done(world.executor());
        std::function<void(error_code)> tick = [&](error_code ec) {
            EXPECT_FALSE(ec);
            if (--left == 0)
                return done.set();
            t.expires_after(std::chrono::microseconds(20));
            t.async_wait(tick);
        };
        t.expires_after(std::chrono::microseconds(20));
        t.async_wait(tick);
        co_await done.wait();
        EXPECT_EQ(left, 0);
    });
}

TEST_P(timers, can_be_destroyed_from_their_own_handlers) {
    // Fails, under AddressSanitizer, if something of the timer is used after its handler.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto t = std::make_unique<timer>(world.executor(), std::chrono::microseconds(20));
        event done(world.executor());
        t->async_wait([&](error_code) {
            t.reset();
            done.set();
        });
        co_await done.wait();
    });
}

TEST_P(timers, work_as_time_outs) {
    // Fails if the loser of a race is not cancelled, or the winner is.
    run([](contract_world& world) -> asio::awaitable<void> {
        timer fast(world.executor(), milliseconds(1));
        timer slow(world.executor(), std::chrono::hours(1));
        auto first = co_await (slow.async_wait(use_awaitable) || fast.async_wait(use_awaitable));
        EXPECT_EQ(first.index(), 1u);
        EXPECT_EQ(slow.cancel(), 0u);
    });
}

TEST_P(timers, of_another_process_fire_too) {
    // Fails if only one process's executor drives timers.
    run([](contract_world& world) -> asio::awaitable<void> {
        for (int process = 0; process < contract_world::processes; ++process) {
            timer t(world.executor(process), milliseconds(1));
            co_await t.async_wait(use_awaitable);
        }
    });
}

TEST_P(clocks, steady_time_never_goes_back_and_passes) {
    // Fails if steady time stands still over a timer, or jumps back.
    run([](contract_world& world) -> asio::awaitable<void> {
        steady_clock::time_point start = steady_clock::now(world.executor());
        steady_clock::time_point last = start;
        for (int i = 0; i < 100; ++i) {
            steady_clock::time_point now = steady_clock::now(world.executor());
            EXPECT_GE(now, last);
            last = now;
        }
        co_await sleep(world, milliseconds(2));
        EXPECT_GE(steady_clock::now(world.executor()) - start, milliseconds(2));
    });
}

TEST_P(clocks, steady_time_is_one_for_timers_and_now) {
    // Fails if expires_after() and now() count from different starts.
    run([](contract_world& world) -> asio::awaitable<void> {
        timer t(world.executor(), std::chrono::hours(1));
        steady_clock::duration ahead = t.expiry() - steady_clock::now(world.executor());
        EXPECT_LE(ahead, std::chrono::hours(1));
        EXPECT_GT(ahead, std::chrono::minutes(59));
        co_return;
    });
}

TEST_P(clocks, wall_time_passes_with_steady_time) {
    // Fails if the wall clock of an undisturbed process stands still, or is before this was written.
    run([](contract_world& world) -> asio::awaitable<void> {
        wall_clock::time_point start = wall_clock::now(world.executor());
        EXPECT_GT(start.time_since_epoch(), std::chrono::hours(24) * 365 * 50);
        co_await sleep(world, milliseconds(2));
        EXPECT_GE(wall_clock::now(world.executor()) - start, milliseconds(1));
    });
}

TEST_P(clocks, random_bits_do_not_repeat) {
    // Fails if the source is stuck, or two copies draw the same.
    run([](contract_world& world) -> asio::awaitable<void> {
        random_source one(world.executor());
        random_source two = one;
        std::set<std::uint64_t> seen;
        for (int i = 0; i < 1000; ++i) {
            seen.insert(one());
            seen.insert(two());
        }
        EXPECT_EQ(seen.size(), 2000u);
        co_return;
    });
}

TEST_P(clocks, random_bits_are_all_used_evenly) {
    // Fails if some bit is constant or heavily biased: of 4096 draws each is set in half, give or take 6
    // sigma.
    run([](contract_world& world) -> asio::awaitable<void> {
        random_source source(world.executor());
        std::vector<int> ones(64);
        for (int i = 0; i < 4096; ++i) {
            std::uint64_t bits = source();
            for (int b = 0; b < 64; ++b)
                ones[static_cast<std::size_t>(b)] += (bits >> b) & 1;
        }
        for (int n : ones)
            EXPECT_NEAR(n, 2048, 192);
        co_return;
    });
}

TEST_P(clocks, random_source_feeds_the_standards_distributions) {
    // Fails if it is no UniformRandomBitGenerator.
    run([](contract_world& world) -> asio::awaitable<void> {
        static_assert(std::uniform_random_bit_generator<random_source>);
        random_source source(world.executor());
        std::uniform_int_distribution<int> die(1, 6);
        std::set<int> sides;
        for (int i = 0; i < 500; ++i)
            sides.insert(die(source));
        EXPECT_EQ(sides, (std::set<int>{1, 2, 3, 4, 5, 6}));
        co_return;
    });
}

TEST_P(clocks, processes_draw_different_random_bits) {
    // Fails if two processes share the state of their generators.
    run([](contract_world& world) -> asio::awaitable<void> {
        random_source one(world.executor(0));
        random_source two(world.executor(1));
        EXPECT_NE(one(), two());
        co_return;
    });
}

}  // namespace squall::contract
