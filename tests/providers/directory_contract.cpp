// Names and directories.
#include "contract.h"
#include "tools.h"

#include <boost/asio/read_at.hpp>
#include <boost/asio/write_at.hpp>
#include <boost/system/errc.hpp>

#include <vector>

namespace squall::contract {

namespace errc = boost::system::errc;

namespace {

asio::awaitable<std::vector<std::string>> names_in(contract_world& world, std::string path) {
    co_return co_await async_list_directory(world.executor(), path, use_awaitable);
}

using names = std::vector<std::string>;

}  // namespace

TEST_P(directories, are_empty_at_first) {
    // Fails if a listing has "." or "..", or leavings of another case.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto found = co_await names_in(world, world.directory());
        EXPECT_TRUE(found.empty());
    });
}

TEST_P(directories, list_their_names_sorted_by_bytes) {
    // Fails if names are missing, double, or sorted by a locale or by their making.
    run([](contract_world& world) -> asio::awaitable<void> {
        for (const char* name : {"b", "a", "B", "a b", "10", "9", "\xc3\xa4", "a.b", "ab"}) {
            co_await make_file(world, world.path(name), "");
        }
        auto found = co_await names_in(world, world.directory());
        EXPECT_EQ(found, (names{"10", "9", "B", "a", "a b", "a.b", "ab", "b", "\xc3\xa4"}));
    });
}

TEST_P(directories, list_only_what_stands_in_them) {
    // Fails if a listing goes deeper, leaves directories out, or takes a prefix for a parent.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await async_create_directory(world.executor(), world.path("sub"), use_awaitable);
        co_await async_create_directory(world.executor(), world.path("sub/deep"), use_awaitable);
        co_await make_file(world, world.path("sub/one"), "");
        co_await make_file(world, world.path("sub/deep/two"), "");
        co_await make_file(world, world.path("subway"), "");
        auto top = co_await names_in(world, world.directory());
        EXPECT_EQ(top, (names{"sub", "subway"}));
        auto sub = co_await names_in(world, world.path("sub"));
        EXPECT_EQ(sub, (names{"deep", "one"}));
        auto slash = co_await names_in(world, world.path("sub/"));
        EXPECT_EQ(slash, sub);
    });
}

TEST_P(directories, that_are_missing_are_not_listed) {
    // Fails if listing a missing directory gives no error.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [ec, found] = co_await async_list_directory(world.executor(), world.path("no"), as_values);
        EXPECT_EQ(ec, errc::no_such_file_or_directory);
        EXPECT_TRUE(found.empty());
    });
}

TEST_P(directories, are_not_files) {
    // Fails if a file is taken for a directory by listing, syncing or creating.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("f"), "content");
        auto [list, found] = co_await async_list_directory(world.executor(), world.path("f"), as_values);
        EXPECT_EQ(list, errc::not_a_directory);
        auto [sync] = co_await async_sync_directory(world.executor(), world.path("f"), as_values);
        EXPECT_EQ(sync, errc::not_a_directory);
        auto [create] = co_await async_create_directory(world.executor(), world.path("f"), as_values);
        EXPECT_EQ(create, errc::file_exists);
        std::string content = co_await content_of(world, world.path("f"));
        EXPECT_EQ(content, "content");
    });
}

TEST_P(directories, can_be_created_again) {
    // Fails if creating a directory that exists errs or empties it.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await async_create_directory(world.executor(), world.path("d"), use_awaitable);
        co_await make_file(world, world.path("d/f"), "");
        co_await async_create_directory(world.executor(), world.path("d"), use_awaitable);
        auto found = co_await names_in(world, world.path("d"));
        EXPECT_EQ(found, names{"f"});
    });
}

TEST_P(directories, need_their_parent) {
    // Fails if parents are made silently, or the error is another.
    run([](contract_world& world) -> asio::awaitable<void> {
        auto [ec] = co_await async_create_directory(world.executor(), world.path("no/d"), as_values);
        EXPECT_EQ(ec, errc::no_such_file_or_directory);
        auto found = co_await names_in(world, world.directory());
        EXPECT_TRUE(found.empty());
    });
}

TEST_P(directories, can_be_synced) {
    // Fails if syncing a directory errs, or a missing one can be synced.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("f"), "content");
        co_await async_sync_directory(world.executor(), world.directory(), use_awaitable);
        auto [ec] = co_await async_sync_directory(world.executor(), world.path("no"), as_values);
        EXPECT_EQ(ec, errc::no_such_file_or_directory);
        auto found = co_await names_in(world, world.directory());
        EXPECT_EQ(found, names{"f"});
    });
}

TEST_P(directories, rename_to_a_free_name) {
    // Fails if the old name stays, the new one is missing, or the content is another.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("old"), "content");
        co_await async_rename(world.executor(), world.path("old"), world.path("new"), use_awaitable);
        auto found = co_await names_in(world, world.directory());
        EXPECT_EQ(found, names{"new"});
        std::string content = co_await content_of(world, world.path("new"));
        EXPECT_EQ(content, "content");
    });
}

TEST_P(directories, rename_over_a_file) {
    // Fails if rename refuses to replace, or mixes the two files.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("next"), "new");
        co_await make_file(world, world.path("current"), "old and longer");
        co_await async_rename(world.executor(), world.path("next"), world.path("current"), use_awaitable);
        auto found = co_await names_in(world, world.directory());
        EXPECT_EQ(found, names{"current"});
        std::string content = co_await content_of(world, world.path("current"));
        EXPECT_EQ(content, "new");
    });
}

TEST_P(directories, leave_open_files_alone) {
    // Fails if a handle follows the name instead of the file, when that is replaced or removed.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("a"), "first");
        file f(world.executor());
        co_await f.async_open(world.path("a"), open_mode::read | open_mode::write, use_awaitable);
        co_await make_file(world, world.path("b"), "second");
        co_await async_rename(world.executor(), world.path("b"), world.path("a"), use_awaitable);
        std::string text(5, '\0');
        co_await asio::async_read_at(f, 0, asio::buffer(text), use_awaitable);
        EXPECT_EQ(text, "first");
        co_await async_remove(world.executor(), world.path("a"), use_awaitable);
        co_await asio::async_write_at(f, 0, asio::buffer("FIRST", 5), use_awaitable);
        co_await asio::async_read_at(f, 0, asio::buffer(text), use_awaitable);
        EXPECT_EQ(text, "FIRST");
        auto found = co_await names_in(world, world.directory());
        EXPECT_TRUE(found.empty());
    });
}

TEST_P(directories, rename_across_directories) {
    // Fails if a file can not move to another directory, or is left in both.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await async_create_directory(world.executor(), world.path("from"), use_awaitable);
        co_await async_create_directory(world.executor(), world.path("to"), use_awaitable);
        co_await make_file(world, world.path("from/f"), "moved");
        co_await async_rename(world.executor(), world.path("from/f"), world.path("to/g"), use_awaitable);
        auto from = co_await names_in(world, world.path("from"));
        EXPECT_TRUE(from.empty());
        std::string content = co_await content_of(world, world.path("to/g"));
        EXPECT_EQ(content, "moved");
    });
}

TEST_P(directories, rename_to_the_same_name_without_effect) {
    // Fails if renaming a file to itself errs or removes it.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("f"), "content");
        co_await async_rename(world.executor(), world.path("f"), world.path("f"), use_awaitable);
        std::string content = co_await content_of(world, world.path("f"));
        EXPECT_EQ(content, "content");
    });
}

TEST_P(directories, do_not_rename_what_is_missing_or_to_where_nothing_can_be) {
    // Fails if such a rename succeeds, errs in another way, or changes something.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("f"), "content");
        co_await async_create_directory(world.executor(), world.path("d"), use_awaitable);
        auto [missing] =
            co_await async_rename(world.executor(), world.path("no"), world.path("f"), as_values);
        EXPECT_EQ(missing, errc::no_such_file_or_directory);
        auto [nowhere] =
            co_await async_rename(world.executor(), world.path("f"), world.path("no/f"), as_values);
        EXPECT_EQ(nowhere, errc::no_such_file_or_directory);
        auto [onto] = co_await async_rename(world.executor(), world.path("f"), world.path("d"), as_values);
        EXPECT_EQ(onto, errc::is_a_directory);
        auto found = co_await names_in(world, world.directory());
        EXPECT_EQ(found, (names{"d", "f"}));
        std::string content = co_await content_of(world, world.path("f"));
        EXPECT_EQ(content, "content");
    });
}

TEST_P(directories, remove_files) {
    // Fails if a removed name is still there, or a neighbour goes with it.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("f"), "");
        co_await make_file(world, world.path("ff"), "");
        co_await async_remove(world.executor(), world.path("f"), use_awaitable);
        auto found = co_await names_in(world, world.directory());
        EXPECT_EQ(found, names{"ff"});
    });
}

TEST_P(directories, do_not_remove_what_is_missing_or_a_directory) {
    // Fails if such a removal succeeds or errs in another way.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await async_create_directory(world.executor(), world.path("d"), use_awaitable);
        auto [missing] = co_await async_remove(world.executor(), world.path("no"), as_values);
        EXPECT_EQ(missing, errc::no_such_file_or_directory);
        auto [directory] = co_await async_remove(world.executor(), world.path("d"), as_values);
        EXPECT_EQ(directory, errc::is_a_directory);
        auto found = co_await names_in(world, world.directory());
        EXPECT_EQ(found, names{"d"});
    });
}

TEST_P(directories, give_a_removed_name_to_a_new_file) {
    // Fails if a file made under a removed name has anything of the old one.
    run([](contract_world& world) -> asio::awaitable<void> {
        co_await make_file(world, world.path("f"), "old");
        co_await async_remove(world.executor(), world.path("f"), use_awaitable);
        file f(world.executor());
        co_await f.async_open(world.path("f"), open_mode::write | open_mode::create | open_mode::exclusive,
                              use_awaitable);
        std::size_t size = co_await f.async_size(use_awaitable);
        EXPECT_EQ(size, 0u);
    });
}

}  // namespace squall::contract
