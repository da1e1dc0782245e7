// One contract, for every store.
#include "support.h"

#include <squall/actors/authority.h>
#include <squall/actors/file_store.h>

namespace squall::actors {
namespace {

using namespace testing_support;

using maker = std::shared_ptr<state_store> (*)(const asio::any_io_executor&);
struct subject {
    const char* name;
    maker make;
};

// That of another node, with both nodes.
class far_store final : public state_store {
public:
    explicit far_store(const asio::any_io_executor& io)
        : authority_(io, listening()),
          services_(io),
          used_(remote_store(services_, *listening().listen)) {
        serve_authority(authority_, nullptr, std::make_shared<memory_store>());
    }
    asio::awaitable<std::uint64_t> open() override {
        co_await authority_.start();
        co_await services_.start();
        const std::uint64_t generation = co_await used_->open();
        co_return generation;
    }
    asio::awaitable<stored_state> load(const record_key& key, std::uint64_t epoch) override {
        return used_->load(key, epoch);
    }
    asio::awaitable<std::uint64_t> save(const record_key& key, std::uint64_t epoch, std::uint64_t expected,
                                        std::string bytes) override {
        return used_->save(key, epoch, expected, std::move(bytes));
    }
    asio::awaitable<void> clear(const record_key& key, std::uint64_t epoch, std::uint64_t expected) override {
        return used_->clear(key, epoch, expected);
    }

private:
    static node_options listening() {
        node_options how;
        how.listen = asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 7000);
        return how;
    }
    node authority_;
    node services_;
    std::shared_ptr<state_store> used_;
};

class StoreContract : public testing::TestWithParam<subject> {
protected:
    void with_store(const std::function<asio::awaitable<void>(state_store&)>& body) {
        in_world([&](asio::any_io_executor io) -> asio::awaitable<void> {
            const auto store = GetParam().make(io);
            co_await store->open();
            auto work = body(*store);
            co_await std::move(work);
        });
    }
    const record_key key{{"type", std::string("k\0ey", 4)}, "name"};
    const record_key other{{"type", "other"}, ""};
};

TEST_P(StoreContract, WhatWasNeverSavedHasVersionZero) {
    with_store([this](state_store& store) -> asio::awaitable<void> {
        const stored_state found = co_await store.load(key, 1);
        EXPECT_EQ(found.version, 0u);
        EXPECT_EQ(found.bytes, "");
    });
}

TEST_P(StoreContract, GivesBackWhatWasSavedLast) {
    with_store([this](state_store& store) -> asio::awaitable<void> {
        const std::string bytes("a\0b", 3);
        const std::uint64_t first = co_await store.save(key, 1, 0, "x");
        const std::uint64_t second = co_await store.save(key, 1, first, bytes);
        EXPECT_GT(second, first);
        const stored_state found = co_await store.load(key, 1);
        EXPECT_EQ(found.version, second);
        EXPECT_EQ(found.bytes, bytes);
        const stored_state elsewhere = co_await store.load(other, 1);
        EXPECT_EQ(elsewhere.version, 0u);
    });
}

TEST_P(StoreContract, AnotherVersionThanTheExpectedIsAConflict) {
    with_store([this](state_store& store) -> asio::awaitable<void> {
        const std::uint64_t first = co_await store.save(key, 1, 0, "x");
        error_code code = co_await code_of(store.save(key, 1, 0, "y"));
        EXPECT_EQ(code, error::conflict);
        code = co_await code_of(store.save(key, 1, first + 1, "y"));
        EXPECT_EQ(code, error::conflict);
        const stored_state found = co_await store.load(key, 1);
        EXPECT_EQ(found.bytes, "x");
    });
}

TEST_P(StoreContract, ALoadFencesLowerEpochsOff) {
    with_store([this](state_store& store) -> asio::awaitable<void> {
        const std::uint64_t first = co_await store.save(key, 3, 0, "x");
        co_await store.load(key, 5);
        error_code code = co_await code_of(store.save(key, 4, first, "y"));
        EXPECT_EQ(code, error::fenced);
        code = co_await code_of(store.load(key, 4));
        EXPECT_EQ(code, error::fenced);
        code = co_await code_of(store.clear(key, 4, first));
        EXPECT_EQ(code, error::fenced);
        const std::uint64_t second = co_await store.save(key, 5, first, "z");
        EXPECT_GT(second, first);
        // Of this record alone.
        co_await store.save(other, 1, 0, "o");
    });
}

TEST_P(StoreContract, ASaveFencesToo) {
    with_store([this](state_store& store) -> asio::awaitable<void> {
        const std::uint64_t first = co_await store.save(key, 7, 0, "x");
        const error_code code = co_await code_of(store.save(key, 6, first, "y"));
        EXPECT_EQ(code, error::fenced);
    });
}

TEST_P(StoreContract, ClearingKeepsTheFenceAndTheVersionsGrowing) {
    with_store([this](state_store& store) -> asio::awaitable<void> {
        const std::uint64_t first = co_await store.save(key, 2, 0, "x");
        error_code code = co_await code_of(store.clear(key, 2, first + 1));
        EXPECT_EQ(code, error::conflict);
        co_await store.clear(key, 2, first);
        const stored_state found = co_await store.load(key, 2);
        EXPECT_EQ(found.version, 0u);
        code = co_await code_of(store.load(key, 1));
        EXPECT_EQ(code, error::fenced);
        const std::uint64_t second = co_await store.save(key, 2, 0, "y");
        EXPECT_GT(second, first);
    });
}

INSTANTIATE_TEST_SUITE_P(
    Stores, StoreContract,
    testing::Values(subject{"memory",
                            [](const asio::any_io_executor&) -> std::shared_ptr<state_store> {
                                return std::make_shared<memory_store>();
                            }},
                    subject{"file",
                            [](const asio::any_io_executor& io) -> std::shared_ptr<state_store> {
                                return std::make_shared<file_store>(io, "states");
                            }},
                    subject{"remote",
                            [](const asio::any_io_executor& io) -> std::shared_ptr<state_store> {
                                return std::make_shared<far_store>(io);
                            }}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace squall::actors
