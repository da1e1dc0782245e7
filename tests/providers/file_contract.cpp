// Files.
#include "contract.h"
#include "tools.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/read_at.hpp>
#include <boost/asio/write_at.hpp>
#include <boost/system/errc.hpp>

#include <array>
#include <limits>
#include <string_view>
#include <vector>

namespace squall::contract {

using namespace asio::experimental::awaitable_operators;
namespace errc = boost::system::errc;

namespace {

constexpr open_mode read_write = open_mode::read | open_mode::write;

// Reads up to `size` bytes in one go, eof being none.
asio::awaitable<std::string> read_at(file& f, std::uint64_t offset, std::size_t size) {
    std::string text(size, '\0');
    auto [ec, n] = co_await asio::async_read_at(f, offset, asio::buffer(text), as_values);
    EXPECT_TRUE(!ec || ec == asio::error::eof) << ec.message();
    co_return text.substr(0, n);
}

asio::awaitable<void> write_at(file& f, std::uint64_t offset, std::string text) {
    std::size_t n = co_await asio::async_write_at(f, offset, asio::buffer(text), use_awaitable);
    EXPECT_EQ(n, text.size());
}

asio::awaitable<file> opened(contract_world& world, std::string name, open_mode mode) {
    file f(world.executor());
    co_await f.async_open(world.path(name), mode, use_awaitable);
    co_return f;
}

}  // namespace

TEST_P(files, give_back_what_was_written) {
    // Fails if written bytes are lost or changed, for the same handle or the next.
    run([](contract_world& world) -> asio::awaitable<void> {
        {
            file f = co_await opened(world, "a", fresh);
            co_await write_at(f, 0, "content");
            std::string got = co_await read_at(f, 0, 100);
            EXPECT_EQ(got, "content");
        }
        std::string again = co_await content_of(world, world.path("a"));
        EXPECT_EQ(again, "content");
    });
}

TEST_P(files, must_exist_unless_created) {
    // Fails if opening a missing file creates it, or errs in another way.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f(world.executor());
        for (open_mode mode : {open_mode::read, open_mode::write, read_write}) {
            auto [ec] = co_await f.async_open(world.path("missing"), mode, as_values);
            EXPECT_EQ(ec, errc::no_such_file_or_directory);
            EXPECT_FALSE(f.is_open());
        }
        auto names = co_await async_list_directory(world.executor(), world.directory(), use_awaitable);
        EXPECT_TRUE(names.empty());
    });
}

TEST_P(files, can_be_opened_after_a_failed_open) {
    // Fails if a failed open leaves the handle unusable.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f(world.executor());
        auto [ec] = co_await f.async_open(world.path("x"), open_mode::read, as_values);
        EXPECT_TRUE(ec);
        co_await f.async_open(world.path("x"), fresh, use_awaitable);
        EXPECT_TRUE(f.is_open());
    });
}

TEST_P(files, are_created_empty) {
    // Fails if a new file has content.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f = co_await opened(world, "new", fresh);
        std::size_t size = co_await f.async_size(use_awaitable);
        EXPECT_EQ(size, 0u);
    });
}

TEST_P(files, keep_their_content_when_opened_with_create) {
    // Fails if create empties a file that exists.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("kept"), "kept");
        file f = co_await opened(world, "kept", fresh);
        std::string got = co_await read_at(f, 0, 10);
        EXPECT_EQ(got, "kept");
    });
}

TEST_P(files, are_created_only_once_with_exclusive) {
    // Fails if create|exclusive opens a file that exists, or refuses one that does not.
    run([](contract_world& world) -> asio::awaitable<void> {
        file one = co_await opened(world, "lock", fresh | open_mode::exclusive);
        file two(world.executor());
        auto [ec] = co_await two.async_open(world.path("lock"), fresh | open_mode::exclusive, as_values);
        EXPECT_EQ(ec, errc::file_exists);
        EXPECT_FALSE(two.is_open());
    });
}

TEST_P(files, are_emptied_by_truncate) {
    // Fails if truncate keeps content.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("t"), "long content");
        file f = co_await opened(world, "t", read_write | open_mode::truncate);
        std::size_t size = co_await f.async_size(use_awaitable);
        EXPECT_EQ(size, 0u);
        co_await write_at(f, 0, "new");
        std::string got = co_await read_at(f, 0, 100);
        EXPECT_EQ(got, "new");
    });
}

TEST_P(files, refuse_modes_that_make_no_sense) {
    // Fails if neither read nor write, truncate without write, or exclusive without create is let through.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("m"), "content");
        file f(world.executor());
        for (open_mode mode :
             {open_mode::create, open_mode::read | open_mode::truncate, read_write | open_mode::exclusive}) {
            auto [ec] = co_await f.async_open(world.path("m"), mode, as_values);
            EXPECT_EQ(ec, errc::invalid_argument) << static_cast<unsigned>(mode);
        }
        std::string content = co_await content_of(world, world.path("m"));
        EXPECT_EQ(content, "content");
    });
}

TEST_P(files, are_not_written_by_a_reader) {
    // Fails if a handle opened for reading can change the file.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("ro"), "content");
        file f = co_await opened(world, "ro", open_mode::read);
        auto [write, n] = co_await f.async_write_some_at(0, asio::buffer("x", 1), as_values);
        EXPECT_EQ(write, asio::error::bad_descriptor);
        EXPECT_EQ(n, 0u);
        auto [resize] = co_await f.async_resize(0, as_values);
        EXPECT_EQ(resize, asio::error::bad_descriptor);
        co_await f.async_sync(use_awaitable);
        std::string content = co_await content_of(world, world.path("ro"));
        EXPECT_EQ(content, "content");
    });
}

TEST_P(files, are_not_read_by_a_writer) {
    // Fails if a handle opened for writing can read.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("wo"), "content");
        file f = co_await opened(world, "wo", open_mode::write);
        char byte = 0;
        auto [ec, n] = co_await f.async_read_some_at(0, asio::buffer(&byte, 1), as_values);
        EXPECT_EQ(ec, asio::error::bad_descriptor);
        EXPECT_EQ(n, 0u);
        std::size_t size = co_await f.async_size(use_awaitable);
        EXPECT_EQ(size, 7u);
    });
}

TEST_P(files, read_zeros_in_holes) {
    // Fails if a write past the end fills the gap with something else, or is refused.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f = co_await opened(world, "hole", fresh);
        co_await write_at(f, 0, "a");
        co_await write_at(f, 5000, "z");
        std::size_t size = co_await f.async_size(use_awaitable);
        EXPECT_EQ(size, 5001u);
        std::string got = co_await read_at(f, 0, 6000);
        EXPECT_TRUE(got == "a" + std::string(4999, '\0') + "z");
    });
}

TEST_P(files, grow_by_writes_at_their_end) {
    // Fails if appending at the size overwrites or leaves a gap.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f = co_await opened(world, "log", fresh);
        for (int i = 0; i < 5; ++i) {
            std::size_t end = co_await f.async_size(use_awaitable);
            co_await write_at(f, end, "entry" + std::to_string(i));
        }
        std::string got = co_await read_at(f, 0, 100);
        EXPECT_EQ(got, "entry0entry1entry2entry3entry4");
    });
}

TEST_P(files, overwrite_in_place) {
    // Fails if a write in the middle moves or cuts what stands around it.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("m"), "0123456789");
        file f = co_await opened(world, "m", read_write);
        co_await write_at(f, 3, "abc");
        std::string got = co_await read_at(f, 0, 100);
        EXPECT_EQ(got, "012abc6789");
    });
}

TEST_P(files, read_short_at_their_end) {
    // Fails if a read across the end waits, errs, or invents bytes.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("s"), "0123456789");
        file f = co_await opened(world, "s", open_mode::read);
        std::string room(100, '\0');
        auto [ec, n] = co_await f.async_read_some_at(7, asio::buffer(room), as_values);
        EXPECT_FALSE(ec);
        EXPECT_GE(n, 1u);
        EXPECT_EQ(room.substr(0, n), std::string("789").substr(0, n));
    });
}

TEST_P(files, answer_eof_at_and_past_their_end) {
    // Fails if a read with nothing to read succeeds or errs in another way.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("e"), "0123456789");
        file f = co_await opened(world, "e", open_mode::read);
        char byte = 0;
        for (std::uint64_t offset : {10ull, 11ull, 1'000'000ull}) {
            auto [ec, n] = co_await f.async_read_some_at(offset, asio::buffer(&byte, 1), as_values);
            EXPECT_EQ(ec, asio::error::eof);
            EXPECT_EQ(n, 0u);
        }
    });
}

TEST_P(files, refuse_offsets_that_no_file_has) {
    // Fails if an offset beyond 2^63 wraps around.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f = co_await opened(world, "far", fresh);
        std::uint64_t far = std::numeric_limits<std::uint64_t>::max();
        char byte = 0;
        auto [read, n] = co_await f.async_read_some_at(far, asio::buffer(&byte, 1), as_values);
        EXPECT_EQ(read, errc::invalid_argument);
        auto [write, m] = co_await f.async_write_some_at(far, asio::buffer(&byte, 1), as_values);
        EXPECT_EQ(write, errc::invalid_argument);
        auto [resize] = co_await f.async_resize(far, as_values);
        EXPECT_EQ(resize, errc::invalid_argument);
    });
}

TEST_P(files, transfer_nothing_at_once) {
    // Fails if an empty transfer errs (at the end: eof), or an empty write past the end makes the file
    // longer.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f = co_await opened(world, "n", fresh);
        char byte = 0;
        for (std::uint64_t offset : {0ull, 100ull}) {
            auto [read, n] = co_await f.async_read_some_at(offset, asio::buffer(&byte, 0), as_values);
            EXPECT_FALSE(read);
            EXPECT_EQ(n, 0u);
            auto [write, m] = co_await f.async_write_some_at(offset, asio::buffer(&byte, 0), as_values);
            EXPECT_FALSE(write);
            EXPECT_EQ(m, 0u);
        }
        std::size_t size = co_await f.async_size(use_awaitable);
        EXPECT_EQ(size, 0u);
    });
}

TEST_P(files, gather_writes_and_scatter_reads) {
    // Fails if a buffer of a sequence is skipped or taken out of order.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f = co_await opened(world, "g", fresh);
        std::vector<asio::const_buffer> out = {asio::buffer("ab", 2), asio::const_buffer(),
                                               asio::buffer("cde", 3), asio::buffer("f", 1)};
        std::size_t written = co_await asio::async_write_at(f, 10, out, use_awaitable);
        EXPECT_EQ(written, 6u);
        std::string one(1, '\0');
        std::string two(5, '\0');
        std::array<asio::mutable_buffer, 2> in = {asio::buffer(one), asio::buffer(two)};
        std::size_t read = co_await asio::async_read_at(f, 10, in, use_awaitable);
        EXPECT_EQ(read, 6u);
        EXPECT_EQ(one + "|" + two, "a|bcdef");
    });
}

TEST_P(files, grow_with_zeros_when_resized) {
    // Fails if resize() up leaves garbage, or does not change the size.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("r"), "abc");
        file f = co_await opened(world, "r", read_write);
        co_await f.async_resize(1000, use_awaitable);
        std::string got = co_await read_at(f, 0, 2000);
        EXPECT_TRUE(got == "abc" + std::string(997, '\0'));
    });
}

TEST_P(files, forget_what_resize_cuts_off) {
    // Fails if bytes that were cut come back when the file grows again.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("r"), "0123456789");
        file f = co_await opened(world, "r", read_write);
        co_await f.async_resize(4, use_awaitable);
        std::size_t size = co_await f.async_size(use_awaitable);
        EXPECT_EQ(size, 4u);
        co_await f.async_resize(8, use_awaitable);
        std::string got = co_await read_at(f, 0, 100);
        EXPECT_TRUE(got == std::string("0123\0\0\0\0", 8));
    });
}

TEST_P(files, can_be_synced) {
    // Fails if sync() errs or hangs, with and without something to write.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f = co_await opened(world, "s", fresh);
        co_await f.async_sync(use_awaitable);
        co_await write_at(f, 0, "durable");
        co_await f.async_sync(use_awaitable);
        co_await f.async_sync(use_awaitable);
        std::string got = co_await read_at(f, 0, 100);
        EXPECT_EQ(got, "durable");
    });
}

TEST_P(files, are_one_file_for_two_handles) {
    // Fails if what one handle writes or cuts is not what the other sees.
    run([](contract_world& world) -> asio::awaitable<void> {
        file one = co_await opened(world, "shared", fresh);
        file two = co_await opened(world, "shared", read_write);
        co_await write_at(one, 0, "from one");
        std::string got = co_await read_at(two, 0, 100);
        EXPECT_EQ(got, "from one");
        co_await two.async_resize(4, use_awaitable);
        got = co_await read_at(one, 0, 100);
        EXPECT_EQ(got, "from");
        one.close();
        got = co_await read_at(two, 0, 100);
        EXPECT_EQ(got, "from");
    });
}

TEST_P(files, are_not_opened_twice_by_one_handle) {
    // Fails if a second open replaces the file behind an open handle.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("two"), "two");
        file f = co_await opened(world, "one", fresh);
        co_await write_at(f, 0, "one");
        auto [ec] = co_await f.async_open(world.path("two"), open_mode::read, as_values);
        EXPECT_EQ(ec, asio::error::already_open);
        std::string got = co_await read_at(f, 0, 100);
        EXPECT_EQ(got, "one");
    });
}

TEST_P(files, are_not_opened_while_they_are_being_opened) {
    // Fails if two opens under way race for the handle.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f(world.executor());
        error_code first = asio::error::fault;
        error_code second;
        event first_done(world.executor());
        event second_done(world.executor());
        f.async_open(world.path("one"), fresh, [&](error_code ec) {
            first = ec;
            first_done.set();
        });
        EXPECT_FALSE(f.is_open());
        f.async_open(world.path("two"), fresh, [&](error_code ec) {
            second = ec;
            second_done.set();
        });
        co_await first_done.wait();
        co_await second_done.wait();
        EXPECT_EQ(first, error_code());
        EXPECT_EQ(second, asio::error::already_started);
        EXPECT_TRUE(f.is_open());
        auto names = co_await async_list_directory(world.executor(), world.directory(), use_awaitable);
        EXPECT_EQ(names, std::vector<std::string>{"one"});
    });
}

TEST_P(files, can_be_opened_anew_after_a_close) {
    // Fails if close() with an operation under way harms the next file of the handle.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("one"), "one");
        co_await make_file(world, world.path("two"), "two");
        file f(world.executor());
        error_code aborted;
        char byte = 0;
        co_await f.async_open(world.path("one"), open_mode::read, use_awaitable);
        event done(world.executor());
        f.async_read_some_at(0, asio::buffer(&byte, 1), [&](error_code ec, std::size_t) {
            aborted = ec;
            done.set();
        });
        f.close();
        EXPECT_FALSE(f.is_open());
        co_await f.async_open(world.path("two"), open_mode::read, use_awaitable);
        std::string got = co_await read_at(f, 0, 100);
        EXPECT_EQ(got, "two");
        co_await done.wait();
        EXPECT_EQ(aborted, asio::error::operation_aborted);
    });
}

TEST_P(files, can_be_opened_anew_after_a_cancelled_open) {
    // Fails if an aborted open still opens the handle, or blocks the next open.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("two"), "two");
        for (bool by_close : {false, true}) {
            file f(world.executor());
            error_code aborted;
            event done(world.executor());
            f.async_open(world.path("one"), fresh, [&](error_code ec) {
                aborted = ec;
                done.set();
            });
            if (by_close) {
                f.close();
            } else {
                f.cancel();
            }
            co_await f.async_open(world.path("two"), open_mode::read, use_awaitable);
            co_await done.wait();
            EXPECT_EQ(aborted, asio::error::operation_aborted);
            std::string got = co_await read_at(f, 0, 100);
            EXPECT_EQ(got, "two");
        }
    });
}

TEST_P(files, answer_bad_descriptor_when_closed) {
    // Fails if an operation on a handle without a file hangs or errs in another way.
    run([](contract_world& world) -> asio::awaitable<void> {
        file closed = co_await opened(world, "c", fresh);
        closed.close();
        file never(world.executor());
        for (file* f : {&closed, &never}) {
            char byte = 0;
            EXPECT_FALSE(f->is_open());
            auto [read, n] = co_await f->async_read_some_at(0, asio::buffer(&byte, 1), as_values);
            EXPECT_EQ(read, asio::error::bad_descriptor);
            auto [write, m] = co_await f->async_write_some_at(0, asio::buffer(&byte, 1), as_values);
            EXPECT_EQ(write, asio::error::bad_descriptor);
            auto [nothing, k] = co_await f->async_read_some_at(0, asio::buffer(&byte, 0), as_values);
            EXPECT_EQ(nothing, asio::error::bad_descriptor);
            auto [sync] = co_await f->async_sync(as_values);
            EXPECT_EQ(sync, asio::error::bad_descriptor);
            auto [resize] = co_await f->async_resize(0, as_values);
            EXPECT_EQ(resize, asio::error::bad_descriptor);
            auto [size, l] = co_await f->async_size(as_values);
            EXPECT_EQ(size, asio::error::bad_descriptor);
            f->cancel();
            f->close();
        }
    });
}

TEST_P(files, serve_operations_that_overlap) {
    // Fails if operations under way at the same time disturb each other.
    run([](contract_world& world) -> asio::awaitable<void> {
        constexpr std::size_t blocks = 32;
        constexpr std::size_t size = 3000;
        file f = co_await opened(world, "o", fresh);
        tasks beside(world.executor());
        for (std::size_t i = 0; i < blocks; ++i) {
            beside.spawn(write_at(f, i * size, pattern(size, i * size)));
        }
        co_await beside.join();
        for (std::size_t i = 0; i < blocks; ++i) {
            beside.spawn([](file& f, std::size_t offset) -> asio::awaitable<void> {
                std::string got = co_await read_at(f, offset, size);
                EXPECT_TRUE(got == pattern(size, offset));
            }(f, i * size));
        }
        co_await beside.join();
    });
}

TEST_P(files, can_be_open_by_the_hundred) {
    // Fails if handles are few, or mix.
    run([](contract_world& world) -> asio::awaitable<void> {
        std::vector<file> all;
        for (int i = 0; i < 100; ++i) {
            all.push_back(co_await opened(world, "f" + std::to_string(i), fresh));
            co_await write_at(all.back(), 0, std::to_string(i));
        }
        for (std::size_t i = 0; i < all.size(); ++i) {
            std::string got = co_await read_at(all[i], 0, 10);
            EXPECT_EQ(got, std::to_string(i));
        }
    });
}

TEST_P(files, keep_their_operations_when_moved) {
    // Fails if an operation is bound to the address of its handle: an open is, if anything is.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("moved"), "moved");
        file first(world.executor());
        error_code result = asio::error::fault;
        event done(world.executor());
        first.async_open(world.path("moved"), open_mode::read, [&](error_code ec) {
            result = ec;
            done.set();
        });
        file second(std::move(first));
        co_await done.wait();
        EXPECT_EQ(result, error_code());
        EXPECT_TRUE(second.is_open());
        std::string got = co_await read_at(second, 0, 100);
        EXPECT_EQ(got, "moved");
    });
}

TEST_P(files, can_be_destroyed_from_their_own_handlers) {
    // Fails, under AddressSanitizer, if something of the file is used after its handler.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("d"), "d");
        auto f = std::make_unique<file>(world.executor());
        event done(world.executor());
        f->async_open(world.path("d"), open_mode::read, [&](error_code ec) {
            EXPECT_FALSE(ec);
            f.reset();
            done.set();
        });
        co_await done.wait();
    });
}

TEST_P(files, cancel_all_that_is_under_way) {
    // Fails if cancel() misses some of many operations, or ends those that start after it.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f = co_await opened(world, "c", fresh);
        int aborted = 0;
        std::string text = pattern(1000);
        event done(world.executor());
        for (int i = 0; i < 20; ++i) {
            f.async_write_some_at(0, asio::buffer(text), [&](error_code ec, std::size_t n) {
                EXPECT_EQ(ec, asio::error::operation_aborted);
                EXPECT_EQ(n, 0u);
                if (++aborted == 20)
                    done.set();
            });
        }
        f.cancel();
        EXPECT_EQ(aborted, 0);
        co_await write_at(f, 0, "after");
        co_await done.wait();
        EXPECT_TRUE(f.is_open());
        std::string got = co_await read_at(f, 0, 5);
        EXPECT_EQ(got.size(), 5u);
    });
}

TEST_P(files, work_with_time_outs) {
    // Fails if a file operation can not take part in a race.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f = co_await opened(world, "t", fresh);
        timer limit(world.executor(), std::chrono::hours(1));
        auto first = co_await (f.async_sync(use_awaitable) || limit.async_wait(use_awaitable));
        EXPECT_EQ(first.index(), 0u);
    });
}

TEST_P(files, are_the_same_by_every_spelling_of_their_path) {
    // Fails if "./a", "a//b" or "b/../a" name something else than the plain path.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await async_create_directory(world.executor(), world.path("sub"), use_awaitable);
        co_await make_file(world, world.path("sub/a"), "here");
        for (const char* name : {"sub/./a", "sub//a", "./sub/a", "sub/../sub/a"}) {
            std::string got = co_await content_of(world, world.path(name));
            EXPECT_EQ(got, "here") << name;
        }
    });
}

TEST_P(files, are_no_directories) {
    // Fails if a directory can be opened as a file, in any mode.
    run([](contract_world& world) -> asio::awaitable<void> {
        for (open_mode mode : {open_mode::read, open_mode::write, fresh}) {
            file f(world.executor());
            auto [ec] = co_await f.async_open(world.directory(), mode, as_values);
            EXPECT_EQ(ec, errc::is_a_directory);
            EXPECT_FALSE(f.is_open());
        }
    });
}

TEST_P(files, are_not_created_in_missing_directories) {
    // Fails if open() makes directories, or errs in another way.
    run([](contract_world& world) -> asio::awaitable<void> {
        file f(world.executor());
        auto [ec] = co_await f.async_open(world.path("no/such/file"), fresh, as_values);
        EXPECT_EQ(ec, errc::no_such_file_or_directory);
        auto names = co_await async_list_directory(world.executor(), world.directory(), use_awaitable);
        EXPECT_TRUE(names.empty());
    });
}

TEST_P(file_sizes, are_written_and_read_back) {
    // Fails if a transfer of this size is cut, or its bytes change.
    run(
        [](contract_world& world, std::size_t size) -> asio::awaitable<void> {
            std::string text = pattern(size);
            co_await make_file(world, world.path("f"), text);
            std::string got = co_await content_of(world, world.path("f"));
            EXPECT_TRUE(got == text);
        },
        std::get<1>(GetParam()));
}

TEST_P(file_sizes, are_written_and_read_back_across_sectors) {
    // Fails if an odd offset shifts or loses bytes, or harms its neighbours.
    run(
        [](contract_world& world, std::size_t size) -> asio::awaitable<void> {
            std::string text = pattern(size);
            file f = co_await opened(world, "f", fresh);
            std::string around(size + 2000, '#');
            co_await write_at(f, 0, around);
            co_await write_at(f, 777, text);
            std::string got = co_await read_at(f, 0, around.size() + 10);
            EXPECT_TRUE(got == std::string(777, '#') + text + std::string(2000 - 777, '#'));
        },
        std::get<1>(GetParam()));
}

TEST_P(file_sizes, are_what_resize_makes) {
    // Fails if resize() to this size, up or down, is not exact.
    run(
        [](contract_world& world, std::size_t size) -> asio::awaitable<void> {
            file f = co_await opened(world, "f", fresh);
            co_await f.async_resize(size, use_awaitable);
            std::size_t got = co_await f.async_size(use_awaitable);
            EXPECT_EQ(got, size);
            co_await f.async_resize(size * 2, use_awaitable);
            co_await f.async_resize(size, use_awaitable);
            std::string zeros = co_await read_at(f, 0, size + 1);
            EXPECT_TRUE(zeros == std::string(size, '\0'));
        },
        std::get<1>(GetParam()));
}

}  // namespace squall::contract
