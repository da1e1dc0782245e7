// What holds for every operation of every handle.
#include "contract.h"
#include "subjects.h"
#include "tools.h"

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

namespace squall::contract {

using strand = asio::strand<asio::any_io_executor>;

TEST_P(operations, complete_once_and_never_inside_the_call_that_starts_them) {
    // Fails if a handler runs before the initiating function has returned, twice, never, or with an error.
    probe p;
    run(
        [](contract_world& world, probe& p, subject_kind kind) -> asio::awaitable<void> {
            p.executor = world.executor();
            auto subject = make_subject(kind, world.executor(), p);
            co_await subject->prepare(world, true);
            start(subject, p);
            EXPECT_EQ(p.calls, 0);
            co_await ended(world, p);
            co_await sleep(world, milliseconds(1));
        },
        p, std::get<1>(GetParam()));
    EXPECT_EQ(p.calls, 1);
    EXPECT_FALSE(p.ended_inside);
    EXPECT_EQ(p.ec, error_code());
    p.executor = nullptr;
}

TEST_P(operations, complete_on_the_executor_of_their_handle) {
    // Fails if the provider completes an operation beside the handle's strand.
    probe p;
    run(
        [](contract_world& world, probe& p, subject_kind kind) -> asio::awaitable<void> {
            strand own = asio::make_strand(world.executor());
            p.executor = own;
            auto subject = make_subject(kind, own, p);
            bool inside = false;
            bool done = false;
            co_await subject->prepare(world, true);
            event finished(world.executor());
            p.on_end = [&] {
                inside = own.running_in_this_thread();
                done = true;
                asio::post(world.executor(), [&] { finished.set(); });
            };
            asio::post(own, [&] { start(subject, p); });
            co_await finished.wait();
            p.on_end = nullptr;
            EXPECT_TRUE(done);
            EXPECT_TRUE(inside);
        },
        p, std::get<1>(GetParam()));
    p.executor = nullptr;
}

TEST_P(operations, run_the_handler_on_its_associated_executor) {
    // Fails if a handler bound to a strand runs outside it.
    probe p;
    run(
        [](contract_world& world, probe& p, subject_kind kind) -> asio::awaitable<void> {
            strand wanted = asio::make_strand(world.executor());
            p.executor = wanted;
            auto subject = make_subject(kind, world.executor(), p);
            co_await subject->prepare(world, true);
            bool inside = false;
            event finished(world.executor());
            p.on_end = [&] {
                inside = wanted.running_in_this_thread();
                asio::post(world.executor(), [&] { finished.set(); });
            };
            start(subject, p);
            co_await finished.wait();
            p.on_end = nullptr;
            EXPECT_TRUE(inside);
        },
        p, std::get<1>(GetParam()));
    EXPECT_EQ(p.calls, 1);
    p.executor = nullptr;
}

TEST_P(operations, allocate_by_the_handlers_allocator_and_free_before_it_is_called) {
    // Fails if an operation bypasses the associated allocator, or holds its memory while the handler runs.
    probe p;
    run(
        [](contract_world& world, probe& p, subject_kind kind) -> asio::awaitable<void> {
            p.executor = world.executor();
            auto subject = make_subject(kind, world.executor(), p);
            co_await subject->prepare(world, true);
            std::size_t open = 0;
            event finished(world.executor());
            p.on_end = [&] {
                open = p.allocations - p.deallocations;
                finished.set();
            };
            start(subject, p);
            EXPECT_GE(p.allocations, 1u);
            co_await finished.wait();
            p.on_end = nullptr;
            EXPECT_EQ(open, 0u);
        },
        p, std::get<1>(GetParam()));
    EXPECT_EQ(p.allocations, p.deallocations);
    p.executor = nullptr;
}

TEST_P(operations, release_what_the_handler_owns_once_when_they_complete) {
    // Fails if a handler is copied, kept or leaked after its call.
    probe p;
    run(
        [](contract_world& world, probe& p, subject_kind kind) -> asio::awaitable<void> {
            p.executor = world.executor();
            auto subject = make_subject(kind, world.executor(), p);
            co_await subject->prepare(world, true);
            start(subject, p);
            subject.reset();
            EXPECT_EQ(p.released, 0);
            co_await ended(world, p);
            EXPECT_EQ(p.released, 1);
        },
        p, std::get<1>(GetParam()));
    p.executor = nullptr;
    end_world();
    EXPECT_EQ(p.released, 1);
    EXPECT_EQ(p.calls, 1);
}

TEST_P(operations, release_what_the_handler_owns_once_when_the_world_ends) {
    // Fails if destroying a context with the operation under way leaks it, runs its handler, or frees it
    // twice.
    probe p;
    run(
        [](contract_world& world, probe& p, subject_kind kind) -> asio::awaitable<void> {
            p.executor = world.executor();
            auto subject = make_subject(kind, world.executor(), p);
            co_await subject->prepare(world, false);
            start(subject, p);
        },
        p, std::get<1>(GetParam()));
    int before = p.calls;
    p.executor = nullptr;
    end_world();
    EXPECT_EQ(p.released, 1);
    EXPECT_EQ(p.allocations, p.deallocations);
    EXPECT_LE(p.calls, 1);
    EXPECT_GE(p.calls, before);
    subject_kind kind = std::get<1>(GetParam());
    bool hangs = kind == subject_kind::timer_wait || kind == subject_kind::accept ||
                 kind == subject_kind::stream_read || kind == subject_kind::stream_write ||
                 kind == subject_kind::datagram_receive;
    if (hangs) {
        EXPECT_EQ(p.calls, 0);
    }
}

TEST_P(operations, do_not_touch_a_cancellation_signal_that_has_gone_before_them) {
    // Fails, under AddressSanitizer, if an operation that ends still uses its cancellation slot.
    probe p;
    run(
        [](contract_world& world, probe& p, subject_kind kind) -> asio::awaitable<void> {
            p.executor = world.executor();
            auto subject = make_subject(kind, world.executor(), p);
            co_await subject->prepare(world, true);
            start(subject, p);
            p.signal.reset();
            co_await ended(world, p);
        },
        p, std::get<1>(GetParam()));
    EXPECT_EQ(p.calls, 1);
    EXPECT_EQ(p.ec, error_code());
    p.executor = nullptr;
}

TEST_P(operations, ignore_a_signal_that_comes_after_their_end) {
    // Fails if a slot still leads to the operation when that has completed.
    probe p;
    run(
        [](contract_world& world, probe& p, subject_kind kind) -> asio::awaitable<void> {
            p.executor = world.executor();
            auto subject = make_subject(kind, world.executor(), p);
            co_await subject->prepare(world, true);
            start(subject, p);
            co_await ended(world, p);
            p.signal->emit(asio::cancellation_type::all);
            co_await sleep(world, milliseconds(1));
        },
        p, std::get<1>(GetParam()));
    EXPECT_EQ(p.calls, 1);
    EXPECT_EQ(p.ec, error_code());
    p.executor = nullptr;
}

TEST_P(cancellations, end_the_operation_with_operation_aborted_later) {
    // Fails if a cancelled operation hangs, completes inside the cancelling call, with another error, or
    // twice, or leaks its handler.
    probe p;
    run(
        [](contract_world& world, probe& p, cancellation c) -> asio::awaitable<void> {
            p.executor = world.executor();
            auto subject = make_subject(c.kind, world.executor(), p);
            co_await subject->prepare(world, false);
            start(subject, p);
            switch (c.way) {
                case cancel_by::slot:
                    p.signal->emit(asio::cancellation_type::terminal);
                    break;
                case cancel_by::cancel:
                    subject->cancel();
                    break;
                case cancel_by::close:
                    subject->close();
                    break;
                case cancel_by::destroy:
                    subject->destroy_handle();
                    break;
            }
            EXPECT_EQ(p.calls, 0);
            EXPECT_EQ(p.released, 0);
            subject.reset();
            co_await ended(world, p);
            EXPECT_EQ(p.ec, asio::error::operation_aborted);
            EXPECT_EQ(p.released, 1);
            // What is cancelled already may be cancelled again, without effect.
            p.signal->emit(asio::cancellation_type::terminal);
            co_await sleep(world, milliseconds(1));
            EXPECT_EQ(p.calls, 1);
        },
        p, std::get<1>(GetParam()));
    p.executor = nullptr;
    end_world();
    EXPECT_EQ(p.calls, 1);
    EXPECT_EQ(p.released, 1);
    EXPECT_EQ(p.allocations, p.deallocations);
}

}  // namespace squall::contract
