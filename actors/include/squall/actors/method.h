// The methods of an actor's class, by name: what BOOST_DESCRIBE_CLASS says of it.
#ifndef SQUALL_ACTORS_METHOD_H
#define SQUALL_ACTORS_METHOD_H

#include <squall/text_hash.h>

#include <boost/asio/awaitable.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace squall::actors::detail {

namespace asio = boost::asio;

template <class T>
struct unwrapped {
    using type = T;
    static constexpr bool is_coroutine = false;
};
template <class T>
struct unwrapped<asio::awaitable<T>> {
    using type = T;
    static constexpr bool is_coroutine = true;
};

template <class Method>
struct method_traits;
template <class T, class R, class... Parameters>
struct method_traits<R (T::*)(Parameters...)> {
    static_assert(((!std::is_lvalue_reference_v<Parameters> ||
                    std::is_const_v<std::remove_reference_t<Parameters>>) &&
                   ...),
                  "squall: an actor's method cannot change its caller's arguments");
    using actor = T;
    using result = typename unwrapped<R>::type;
    static constexpr bool is_coroutine = unwrapped<R>::is_coroutine;
    using arguments = std::tuple<std::decay_t<Parameters>...>;
};
template <class T, class R, class... Parameters>
struct method_traits<R (T::*)(Parameters...) const> : method_traits<R (T::*)(Parameters...)> {};

template <class T>
using methods_of =
    boost::describe::describe_members<T, boost::describe::mod_any_access | boost::describe::mod_function>;

// Empty if the class is described without it.
template <auto Method>
constexpr std::string_view method_name() {
    using actor = typename method_traits<decltype(Method)>::actor;
    std::string_view name;
    boost::mp11::mp_for_each<methods_of<actor>>([&name](auto candidate) {
        if constexpr (std::is_same_v<std::remove_cv_t<decltype(candidate.pointer)>,
                                     std::remove_cv_t<decltype(Method)>>) {
            if (candidate.pointer == Method)
                name = candidate.name;
        }
    });
    return name;
}

// What goes over the wire for a name. Two methods of one class whose names come out the same do not compile.
constexpr std::uint32_t method_number(std::string_view name) {
    const std::uint64_t hash = text_hash(name);
    return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

}  // namespace squall::actors::detail

#endif  // SQUALL_ACTORS_METHOD_H
