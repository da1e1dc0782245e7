// One contract, for every directory: who is a member, and who has an actor.
#include "support.h"

#include <squall/actors/authority.h>
#include <squall/actors/memory_directory.h>

namespace squall::actors {
namespace {

using namespace testing_support;

const asio::ip::tcp::endpoint authority_address(asio::ip::address_v4::loopback(), 7000);
const std::vector<std::string> no_tags;
const actor_id alice{"account", std::string("a\0", 2)};

node_address address(std::uint16_t port) {
    return {asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), port)};
}

// What stands behind a directory; start() before its use.
struct backing {
    backing(const asio::any_io_executor& io, bool far, const directory_options& options = {})
        : used(std::make_shared<memory_directory>(io, options)) {
        if (!far)
            return;
        node_options how;
        how.listen = authority_address;
        authority = std::make_unique<node>(io, how);
        serve_authority(*authority, used, nullptr);
        services = std::make_unique<node>(io);
        used = remote_directory(*services, authority_address);
    }
    asio::awaitable<void> start() {
        if (authority) {
            co_await authority->start();
            co_await services->start();
        }
    }
    std::shared_ptr<directory> used;
    std::unique_ptr<node> authority;
    std::unique_ptr<node> services;
};

class DirectoryContract : public testing::TestWithParam<bool> {
protected:
    static void with_directory(
        const std::function<asio::awaitable<void>(directory&, asio::any_io_executor)>& body,
        const directory_options& options = {}) {
        in_world([&](asio::any_io_executor io) -> asio::awaitable<void> {
            backing all(io, GetParam(), options);
            co_await all.start();
            auto work = body(*all.used, io);
            co_await std::move(work);
        });
    }
};

TEST_P(DirectoryContract, EachLifeIsAMemberOfItsOwnAndExpelsTheOneBefore) {
    with_directory([](directory& d, const asio::any_io_executor&) -> asio::awaitable<void> {
        const node_address here = address(1);
        const std::vector<std::string> tags{"disk", "ram"};
        const lease first = co_await d.join(here, tags);
        EXPECT_EQ(first.node.address, here);
        EXPECT_GT(first.duration, 0s);
        const location had = co_await d.claim(alice, first.node);
        const lease second = co_await d.join(here, tags);
        EXPECT_GT(second.node.incarnation, first.node.incarnation);
        error_code code = co_await code_of(d.renew(first.node, 0));
        EXPECT_EQ(code, error::expelled);
        code = co_await code_of(d.claim(alice, first.node));
        EXPECT_EQ(code, error::expelled);
        // What the first had is free.
        const std::optional<location> nobody = co_await d.lookup(alice);
        EXPECT_FALSE(nobody);
        const location has = co_await d.claim(alice, second.node);
        EXPECT_EQ(has.node, second.node);
        EXPECT_GT(has.epoch, had.epoch);
        const std::vector<member> members = co_await d.renew(second.node, 7);
        EXPECT_EQ(members.size(), 1u);
        EXPECT_EQ(members.at(0).node, second.node);
        EXPECT_EQ(members.at(0).tags, tags);
        EXPECT_EQ(members.at(0).activations, 7u);
    });
}

TEST_P(DirectoryContract, AnActorHasOnePlace) {
    with_directory([](directory& d, const asio::any_io_executor&) -> asio::awaitable<void> {
        const lease one = co_await d.join(address(1), no_tags);
        const lease two = co_await d.join(address(2), no_tags);
        const location first = co_await d.claim(alice, one.node);
        const location told = co_await d.claim(alice, two.node);
        EXPECT_EQ(told, first);
        const std::optional<location> found = co_await d.lookup(alice);
        EXPECT_EQ(found, first);
        // Released, it is free; and only by who has it, at that epoch.
        location wrong = first;
        wrong.node = two.node;
        co_await d.release(alice, wrong);
        wrong = first;
        --wrong.epoch;
        co_await d.release(alice, wrong);
        const std::optional<location> still = co_await d.lookup(alice);
        EXPECT_EQ(still, first);
        co_await d.release(alice, first);
        const location second = co_await d.claim(alice, two.node);
        EXPECT_EQ(second.node, two.node);
        EXPECT_GT(second.epoch, first.epoch);
    });
}

TEST_P(DirectoryContract, AClaimOfWhatOneHasGetsANewEpochSoThatALateReleaseIsNothing) {
    with_directory([](directory& d, const asio::any_io_executor&) -> asio::awaitable<void> {
        const lease one = co_await d.join(address(1), no_tags);
        const location first = co_await d.claim(alice, one.node);
        const location second = co_await d.claim(alice, one.node);
        EXPECT_GT(second.epoch, first.epoch);
        co_await d.release(alice, first);
        const std::optional<location> found = co_await d.lookup(alice);
        EXPECT_EQ(found, second);
    });
}

TEST_P(DirectoryContract, AMemberThatDoesNotRenewIsNone) {
    with_directory([](directory& d, asio::any_io_executor io) -> asio::awaitable<void> {
        const lease one = co_await d.join(address(1), no_tags);
        const lease two = co_await d.join(address(2), no_tags);
        co_await d.claim(alice, one.node);
        for (int i = 0; i < 4; ++i) {
            co_await pause(io, two.duration / 3);
            co_await d.renew(two.node, 0);
        }
        const std::vector<member> members = co_await d.members();
        EXPECT_EQ(members.size(), 1u);
        const location taken = co_await d.claim(alice, two.node);
        EXPECT_EQ(taken.node, two.node);
        const error_code code = co_await code_of(d.renew(one.node, 0));
        EXPECT_EQ(code, error::expelled);
    });
}

TEST_P(DirectoryContract, WhoLeavesGivesUpWhatHeHas) {
    with_directory([](directory& d, const asio::any_io_executor&) -> asio::awaitable<void> {
        const lease one = co_await d.join(address(1), no_tags);
        const lease two = co_await d.join(address(2), no_tags);
        co_await d.claim(alice, one.node);
        node_id stranger = one.node;
        ++stranger.incarnation;
        co_await d.leave(stranger);  // nothing
        const std::vector<member> both = co_await d.members();
        EXPECT_EQ(both.size(), 2u);
        co_await d.leave(one.node);
        const std::vector<member> members = co_await d.members();
        EXPECT_EQ(members.size(), 1u);
        const location taken = co_await d.claim(alice, two.node);
        EXPECT_EQ(taken.node, two.node);
    });
}

TEST_P(DirectoryContract, ASuccessorGrantsNothingBeforeOldLeasesHaveEnded) {
    directory_options options;
    options.generation = 5;
    options.successor = true;
    with_directory(
        [](directory& d, asio::any_io_executor io) -> asio::awaitable<void> {
            const auto begun = steady_clock::now(io);
            const lease one = co_await d.join(address(1), no_tags);
            EXPECT_GT(one.node.incarnation, std::uint64_t{5} << 32);
            std::optional<location> has;
            while (!has) {
                co_await d.renew(one.node, 0);
                try {
                    auto asked = d.claim(alice, one.node);
                    has = co_await std::move(asked);
                } catch (const call_failed&) {
                }
                if (!has)
                    co_await pause(io, 100ms);
            }
            // From the far side it is asked again and again, so it may have come a little late.
            EXPECT_GE(steady_clock::now(io) - begun, one.duration - 100ms);
            EXPECT_GT(has->epoch, std::uint64_t{5} << 32);
        },
        options);
}

INSTANTIATE_TEST_SUITE_P(Directories, DirectoryContract, testing::Values(false, true),
                         [](const auto& info) { return info.param ? "remote" : "memory"; });

}  // namespace
}  // namespace squall::actors
