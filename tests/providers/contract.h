// What the providers' contract suite is made of: a world that the cases run in, and the suites, instantiated
// once for each kind of world (real_world.cpp, simulated_world.cpp). A case is a coroutine that sees nothing
// of the kind.
#ifndef SQUALL_TESTS_PROVIDERS_CONTRACT_H
#define SQUALL_TESTS_PROVIDERS_CONTRACT_H

#include "subjects.h"

#include <squall/provider.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace squall::contract {

// Processes are numbered from 0; there are three. In the real world they are one program with several
// addresses, in the simulated one they are processes of the simulator, each with its own disk.
class contract_world {
public:
    static constexpr int processes = 3;

    virtual ~contract_world() = default;
    virtual asio::any_io_executor executor(int process) = 0;
    virtual asio::ip::address address(int process) = 0;
    // A directory of process 0 that exists and is empty, without a slash at the end.
    virtual std::string directory() = 0;
    virtual bool is_simulated() const = 0;
    // Runs the case on process 0 until it returns, whatever else is then still under way. A case that throws
    // or does not return in bounded time has failed.
    virtual void run(asio::awaitable<void> body) = 0;

    asio::any_io_executor executor() { return executor(0); }
    endpoint address(int process, std::uint16_t port) { return {address(process), port}; }
    std::string path(const std::string& name) { return directory() + "/" + name; }
};

struct world_kind {
    std::string name;
    std::function<std::unique_ptr<contract_world>()> make;
};
inline std::ostream& operator<<(std::ostream& out, const world_kind& kind) {
    return out << kind.name;
}

// The base of the suites: the parameter is a kind of world, and with it what else a suite is multiplied by.
template <class... Axes>
class contract_case : public testing::TestWithParam<std::tuple<world_kind, Axes...>> {
protected:
    contract_world& world() { return *world_; }
    // Destroys the world with whatever is under way in it.
    void end_world() { world_.reset(); }

    template <class Body, class... Arguments>
    void run(Body body, Arguments&&... arguments) {
        world_->run(body(*world_, std::forward<Arguments>(arguments)...));
    }

    void SetUp() override { world_ = std::get<0>(this->GetParam()).make(); }

private:
    std::unique_ptr<contract_world> world_;
};

// Completion tokens of most cases: errors as values, or as exceptions that fail the case.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<>> as_values;
using asio::use_awaitable;

// As ASSERT_TRUE, for coroutines.
#define SQUALL_REQUIRE(condition)                         \
    if (!(condition)) {                                   \
        ADD_FAILURE() << "does not hold: " << #condition; \
        co_return;                                        \
    } else                                                \
        static_cast<void>(0)

class timers : public contract_case<> {};
class clocks : public contract_case<> {};
class streams : public contract_case<> {};
class acceptors : public contract_case<> {};
class stream_sizes : public contract_case<std::size_t> {};
class datagrams : public contract_case<> {};
class resolvers : public contract_case<> {};
class files : public contract_case<> {};
class directories : public contract_case<> {};
class file_sizes : public contract_case<std::size_t> {};
class tokens : public contract_case<> {};
class operations : public contract_case<subject_kind> {};
class cancellations : public contract_case<cancellation> {};

inline std::vector<std::size_t> sizes() {
    return {1, 511, 512, 65'536, 1'048'576};
}

inline std::string axis_name(const world_kind& kind) {
    return kind.name;
}
inline std::string axis_name(std::size_t size) {
    return std::to_string(size);
}
template <class Axis>
std::string axis_name(const Axis& axis) {
    return to_string(axis);
}

struct name_of_case {
    template <class... Axes>
    std::string operator()(const testing::TestParamInfo<std::tuple<Axes...>>& info) const {
        return std::apply(
            [](const auto&... axes) {
                std::string name;
                ((name += (name.empty() ? "" : "_") + axis_name(axes)), ...);
                return name;
            },
            info.param);
    }
};

// NOLINTBEGIN(bugprone-macro-parentheses)
#define SQUALL_INSTANTIATE_CONTRACT(name, kinds)                                                             \
    INSTANTIATE_TEST_SUITE_P(name, timers, testing::Combine(testing::ValuesIn(kinds)), name_of_case());      \
    INSTANTIATE_TEST_SUITE_P(name, clocks, testing::Combine(testing::ValuesIn(kinds)), name_of_case());      \
    INSTANTIATE_TEST_SUITE_P(name, streams, testing::Combine(testing::ValuesIn(kinds)), name_of_case());     \
    INSTANTIATE_TEST_SUITE_P(name, acceptors, testing::Combine(testing::ValuesIn(kinds)), name_of_case());   \
    INSTANTIATE_TEST_SUITE_P(name, datagrams, testing::Combine(testing::ValuesIn(kinds)), name_of_case());   \
    INSTANTIATE_TEST_SUITE_P(name, resolvers, testing::Combine(testing::ValuesIn(kinds)), name_of_case());   \
    INSTANTIATE_TEST_SUITE_P(name, files, testing::Combine(testing::ValuesIn(kinds)), name_of_case());       \
    INSTANTIATE_TEST_SUITE_P(name, directories, testing::Combine(testing::ValuesIn(kinds)), name_of_case()); \
    INSTANTIATE_TEST_SUITE_P(name, tokens, testing::Combine(testing::ValuesIn(kinds)), name_of_case());      \
    INSTANTIATE_TEST_SUITE_P(name, stream_sizes,                                                             \
                             testing::Combine(testing::ValuesIn(kinds), testing::ValuesIn(sizes())),         \
                             name_of_case());                                                                \
    INSTANTIATE_TEST_SUITE_P(name, file_sizes,                                                               \
                             testing::Combine(testing::ValuesIn(kinds), testing::ValuesIn(sizes())),         \
                             name_of_case());                                                                \
    INSTANTIATE_TEST_SUITE_P(name, operations,                                                               \
                             testing::Combine(testing::ValuesIn(kinds), testing::ValuesIn(subject_kinds())), \
                             name_of_case());                                                                \
    INSTANTIATE_TEST_SUITE_P(                                                                                \
        name, cancellations,                                                                                 \
        testing::Combine(testing::ValuesIn(kinds), testing::ValuesIn(all_cancellations())), name_of_case())
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace squall::contract

#endif  // SQUALL_TESTS_PROVIDERS_CONTRACT_H
