// One call, from the reference that makes it to the method that handles it. For ref.h and the library.
#ifndef SQUALL_ACTORS_CALL_H
#define SQUALL_ACTORS_CALL_H

#include <squall/actors/encoding.h>
#include <squall/actors/method.h>
#include <squall/actors/options.h>
#include <squall/actors/wait.h>
#include <squall/clock.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <boost/intrusive/set_hook.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace squall::actors {
class context;
void intrusive_ptr_add_ref(context* self);
void intrusive_ptr_release(context* self);
}  // namespace squall::actors

namespace squall::actors::detail {

class node_core;
class call_base;
using call_ptr = boost::intrusive_ptr<call_base>;

// Who gets the outcome of a call that came from another node.
class call_sink {
public:
    virtual ~call_sink() = default;
    virtual void finished(call_base& call) = 0;
    virtual void accepted(call_base& call) = 0;  // of a one-way message: a mailbox has it
};

enum class call_state : std::uint8_t {
    fresh,     // not on its way, or looking for it
    queued,    // in a mailbox
    running,   // being handled here
    remote,    // sent to another node
    finished,  // has its outcome
};

void encode_failure(std::string& out, error_code code, std::string_view text);

class call_base {
public:
    call_base() = default;
    call_base(const call_base&) = delete;
    call_base& operator=(const call_base&) = delete;
    virtual ~call_base() = default;

    // One is made with each call, at both ends.
    static void* operator new(std::size_t size) { return squall::detail::kept_memory::allocate(size); }
    static void* operator new(std::size_t size, std::align_val_t wide) { return ::operator new(size, wide); }
    static void operator delete(void* memory, std::size_t size) noexcept {
        squall::detail::kept_memory::deallocate(memory, size);
    }
    static void operator delete(void* memory, std::size_t, std::align_val_t wide) noexcept {
        ::operator delete(memory, wide);
    }

    // Handles the message. False: its method is a coroutine, and run() does it.
    virtual bool run_at_once(void* object) = 0;
    virtual asio::awaitable<void> run(void* object) = 0;
    virtual void encode_arguments(std::string& out) const = 0;
    virtual void decode_arguments(std::string_view bytes) = 0;
    // The outcome, whichever it is; to be decoded by the caller's call.
    virtual void encode_result(encoder& out) = 0;
    virtual void decode_result(decoder& in) = 0;
    virtual void decode_thrown(std::uint64_t index, decoder& in) = 0;
    virtual std::string_view method_name() const = 0;

    void encode_outcome(std::string& out);
    // Throws error::malformed.
    void decode_outcome(std::string_view bytes);
    void fail(error_code code, std::string text = {});
    void forget_outcome() {
        failure_ = {};
        thrown_ = nullptr;
        text_.clear();
    }
    void throw_unless_sent() const {
        if (failure_)
            throw_failure();
    }
    bool failed() const { return failure_ || thrown_; }
    const error_code& failure() const { return failure_; }
    std::string failure_text() const;  // for people

    // What is asked of whom. The type's name lives as long as the call.
    std::string_view type;
    std::string key;
    std::optional<node_address> fixed;  // the node, of an actor that the directory knows nothing of
    std::uint32_t method = 0;
    delivery mode = delivery::at_most_once;
    bool one_way = false;  // the caller waits until a mailbox has it, no longer
    call_state state = call_state::fresh;
    bool waits_for_room = false;  // in a full mailbox, or until it is sent to one again
    bool accepted = false;
    bool of_timer = false;             // its activation's own affair: it goes with that
    bool uncertain = false;            // it was sent, and may have been handled
    bool from_remote = false;          // another node's
    std::optional<location> answered;  // by whom, if not by the node that was asked
    int forwards = 0;
    int attempts = 0;
    steady_clock::time_point deadline{};

    // Of the call on the wire: who calls, its number there, and the least number that is not finished there.
    std::uint64_t caller = 0;
    std::uint64_t number = 0;
    std::uint64_t oldest = 0;
    std::uint64_t ticket = 0;  // of its answer, when it was last sent to another node

    boost::intrusive_ptr<context> handler;      // while queued or running
    asio::cancellation_signal* stop = nullptr;  // while running
    std::shared_ptr<call_sink> sink;  // who gets the outcome of another node's call, while somebody does
    wait_slot done;
    node_core* core = nullptr;  // where it is in the set of deadlines
    boost::intrusive::list_member_hook<> in_mailbox;
    // A crash may take the call while it is among them.
    boost::intrusive::set_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>
        in_deadlines;

protected:
    // Sorts out what a method threw. `Throws` is its class's list.
    template <class Throws>
    void caught() {
        if (state == call_state::finished)
            return;  // given up: what the method makes of that is nobody's affair
        caught_as<Throws>(std::make_index_sequence<std::tuple_size_v<Throws>>());
    }
    void throw_if_failed() const {
        if (thrown_)
            std::rethrow_exception(thrown_);
        if (failure_)
            throw_failure();
    }
    void set_thrown(std::exception_ptr what, std::uint64_t index, std::string encoded) {
        thrown_ = std::move(what);
        thrown_index_ = index;
        text_ = std::move(encoded);
    }

private:
    friend void intrusive_ptr_add_ref(call_base* call) { ++call->references_; }
    friend void intrusive_ptr_release(call_base* call) {
        if (--call->references_ == 0)
            delete call;
    }

    template <class Throws, std::size_t... Index>
    void caught_as(std::index_sequence<Index...>) {
        if (!(caught_one<std::tuple_element_t<Index, Throws>>(Index) || ...))
            caught_other();
    }
    template <class E>
    bool caught_one(std::uint64_t index) {
        try {
            throw;
        } catch (const E& declared) {
            set_thrown(std::current_exception(), index, encode(declared));
            return true;
        } catch (...) {
            return false;
        }
    }
    void caught_other();
    [[noreturn]] void throw_failure() const;

    int references_ = 0;
    error_code failure_;
    std::exception_ptr thrown_;  // of a declared type
    std::uint64_t thrown_index_ = 0;
    std::string text_;  // of the failure; or the declared exception, encoded
};

template <class T>
struct declared_exceptions {
    using type = std::tuple<>;
};
template <class T>
    requires requires { typename T::throws; }
struct declared_exceptions<T> {
    using type = typename T::throws;
};

struct nothing {};

// Of the node; see node_core.h among the sources.
void prepare(node_core& core, call_base& call, const call_options& how, const context* from);
void submit(node_core& core, call_base& call);
const waiting_room& waiting_room_of(const node_core& core);

template <class T, auto Method>
class typed_call final : public call_base {
    using traits = method_traits<decltype(Method)>;
    using throws = typename declared_exceptions<T>::type;
    using value =
        std::conditional_t<std::is_void_v<typename traits::result>, nothing, typename traits::result>;

public:
    using result = typename traits::result;
    static constexpr std::string_view name = detail::method_name<Method>();
    static_assert(!name.empty(), "squall: BOOST_DESCRIBE_CLASS does not name this method among its members");

    typed_call() { method = method_number(name); }
    template <class... Given>
    explicit typed_call(std::in_place_t, Given&&... given) : arguments_(std::forward<Given>(given)...) {
        method = method_number(name);
    }

    bool run_at_once(void* object) override {
        if constexpr (!traits::is_coroutine) {
            try {
                if constexpr (std::is_void_v<result>) {
                    start(*static_cast<T*>(object));
                    value_.emplace();
                } else {
                    value_.emplace(start(*static_cast<T*>(object)));
                }
            } catch (...) {
                caught<throws>();
            }
        }
        return !traits::is_coroutine;
    }
    asio::awaitable<void> run(void* object) override {
        if constexpr (traits::is_coroutine) {
            try {
                auto turn = start(*static_cast<T*>(object));
                if constexpr (std::is_void_v<result>) {
                    co_await std::move(turn);
                    value_.emplace();
                } else {
                    auto outcome = co_await std::move(turn);
                    value_.emplace(std::move(outcome));
                }
            } catch (...) {
                caught<throws>();
            }
        }
        co_return;
    }
    void encode_arguments(std::string& out) const override { encode(arguments_, out); }
    void decode_arguments(std::string_view bytes) override {
        arguments_ = decode<typename traits::arguments>(bytes);
    }
    void encode_result(encoder& out) override { encode_value(out, *value_); }
    void decode_result(decoder& in) override { decode_value(in, value_.emplace()); }
    void decode_thrown(std::uint64_t index, decoder& in) override {
        decode_one(index, in, std::make_index_sequence<std::tuple_size_v<throws>>());
    }
    std::string_view method_name() const override { return name; }

    result take() {
        throw_if_failed();
        if constexpr (!std::is_void_v<result>)
            return std::move(*value_);
    }

private:
    auto start(T& object) {
        // What may be handled again keeps its arguments.
        if constexpr ((std::is_copy_constructible_v<typename traits::arguments>)) {
            if (mode == delivery::at_least_once) {
                spent_ = arguments_;
                return std::apply([&](auto&... each) { return (object.*Method)(std::move(each)...); },
                                  *spent_);
            }
        }
        return std::apply([&](auto&... each) { return (object.*Method)(std::move(each)...); }, arguments_);
    }
    template <std::size_t... Index>
    void decode_one(std::uint64_t index, decoder& in, std::index_sequence<Index...>) {
        [[maybe_unused]] const auto one = [&]<class E>(std::type_identity<E>) {
            E exception{};
            decode_value(in, exception);
            set_thrown(std::make_exception_ptr(exception), index, encode(exception));
        };
        const bool known =
            ((index == Index && (one(std::type_identity<std::tuple_element_t<Index, throws>>()), true)) ||
             ...);
        if (!known)
            decoder::fail("an exception that the class does not declare");
    }

    typename traits::arguments arguments_;
    std::optional<typename traits::arguments> spent_;
    std::optional<value> value_;
};

template <class Call>
asio::awaitable<typename Call::result> perform(std::shared_ptr<node_core> core,
                                               boost::intrusive_ptr<Call> call) {
    submit(*core, *call);
    co_await call->done.async_wait(waiting_room_of(*core), asio::deferred);
    co_return call->take();
}
template <class Call>
asio::awaitable<void> perform_send(std::shared_ptr<node_core> core, boost::intrusive_ptr<Call> call) {
    submit(*core, *call);
    co_await call->done.async_wait(waiting_room_of(*core), asio::deferred);
    call->throw_unless_sent();
}

}  // namespace squall::actors::detail

#endif  // SQUALL_ACTORS_CALL_H
