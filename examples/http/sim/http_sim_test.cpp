// The notes under faults: one server, three clients that write and read notes of their own.
// clang-format off: GoogleTest comes first, so that the simulation knows the name of its test.
#include <gtest/gtest.h>
// clang-format on

#include "http/client.h"
#include "http/server.h"

#include <squall/simulation.h>

namespace {

namespace asio = boost::asio;

asio::awaitable<void> run_server(squall::process_context& self) {
    co_await std::make_shared<notes::server>()->run(self.endpoint(80));
}

std::string text_of(std::uint64_t version) {
    return squall::decision_stream(version, 0).text(1 + version * 997 % 3000);
}

// One note, written in versions. A read shows the last version that was acknowledged, or a later one that was
// tried.
class writer final : public squall::workload {
public:
    asio::awaitable<void> run(squall::workload_context& self) override {
        notes::client client(self.executor(), "server", "http");
        for (int i = 0; i < 20; ++i) {
            ++tried_;
            const auto ec = co_await client.put(self.name(), tried_, text_of(tried_));
            if (!ec)
                acknowledged_ = tried_;
            SQUALL_SOMETIMES(ec, "a note could not be written");
            co_await read(self, client, false);
        }
    }
    asio::awaitable<void> check(squall::workload_context& self) override {
        notes::client client(self.executor(), "server", "http");
        co_await read(self, client, true);
    }

private:
    asio::awaitable<void> read(squall::workload_context& self, notes::client& client, bool must) {
        std::optional<notes::client::note> found;
        const auto ec = co_await client.get(self.name(), found);
        if (ec) {
            SQUALL_ALWAYS(!must, "a note can be read when all is well");
            co_return;
        }
        const std::uint64_t version = found ? found->version : 0;
        SQUALL_ALWAYS(version >= acknowledged_, "an acknowledged note is there");
        SQUALL_ALWAYS(version <= tried_, "no note is there that nobody wrote");
        SQUALL_ALWAYS(version == 0 || found->text == text_of(version), "a note is as it was written");
    }

    std::uint64_t tried_ = 0;
    std::uint64_t acknowledged_ = 0;
};

// Fails if the program loses, mixes up or doubles a request that the network delayed, cut or repeated.
TEST(Http, KeepsTheNotesThatItAcknowledged) {
    auto report = squall::simulation("http")
                      .processes("server", 1, run_server)
                      .workload("writer", 3, [] { return std::make_unique<writer>(); })
                      .tune([](squall::faults& f) {
                          f.attrition.every = squall::nanoseconds(0);  // the notes are in memory
                          f.network.flip_bit = 0;                      // HTTP has no checksum
                      })
                      .seeds(50)
                      .run();
    EXPECT_TRUE(report.ok()) << report;
}

}  // namespace
