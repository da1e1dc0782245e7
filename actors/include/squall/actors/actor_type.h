// A class of actors as a node knows it: how to make one, and its methods. For node.h and the library.
#ifndef SQUALL_ACTORS_ACTOR_TYPE_H
#define SQUALL_ACTORS_ACTOR_TYPE_H

#include <squall/actors/call.h>
#include <squall/actors/context.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace squall::actors::detail {

struct method_entry {
    std::uint32_t number;
    std::string_view name;
    call_ptr (*make)();
};

struct actor_type {
    std::string_view name;  // T::type_name, which outlives every node: an actor's destructor may ask for it
    type_options options;
    std::function<void*(context&)> create;
    void (*destroy)(void*) = nullptr;
    asio::awaitable<void> (*activate)(void*) = nullptr;                  // null: it has none
    asio::awaitable<void> (*deactivate)(void*, deactivation) = nullptr;  // the same
    std::vector<method_entry> methods;
};

template <class T>
constexpr bool numbers_differ() {
    constexpr std::size_t count = boost::mp11::mp_size<methods_of<T>>::value;
    std::array<std::uint32_t, count + 1> seen{};
    std::size_t found = 0;
    bool differ = true;
    boost::mp11::mp_for_each<methods_of<T>>([&](auto method) {
        const std::uint32_t number = method_number(method.name);
        for (std::size_t i = 0; i < found; ++i)
            differ = differ && seen[i] != number;
        seen[found++] = number;
    });
    return differ;
}

template <class T>
actor_type describe_type(const type_options& options, std::function<std::unique_ptr<T>(context&)> factory) {
    static_assert(numbers_differ<T>(), "squall: two methods have one name, or names of one hash: rename one");
    actor_type type;
    type.name = T::type_name;
    type.options = options;
    type.create = [factory = std::move(factory)](context& self) -> void* { return factory(self).release(); };
    type.destroy = [](void* object) { delete static_cast<T*>(object); };
    if constexpr (requires(T& actor) { actor.activate(); })
        type.activate = [](void* object) { return static_cast<T*>(object)->activate(); };
    if constexpr (requires(T& actor) { actor.deactivate(deactivation::idle); })
        type.deactivate = [](void* object, deactivation why) {
            return static_cast<T*>(object)->deactivate(why);
        };
    boost::mp11::mp_for_each<methods_of<T>>([&type](auto method) {
        using described_as = decltype(method);
        type.methods.push_back({method_number(method.name), method.name,
                                [] { return call_ptr(new typed_call<T, described_as::pointer>()); }});
    });
    return type;
}

}  // namespace squall::actors::detail

#endif  // SQUALL_ACTORS_ACTOR_TYPE_H
