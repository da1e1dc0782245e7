// What an exception says of itself.
#ifndef SQUALL_SIMULATOR_WHAT_OF_H
#define SQUALL_SIMULATOR_WHAT_OF_H

#include <exception>
#include <string>

namespace squall::simulator {

inline std::string what_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

}  // namespace squall::simulator

#endif  // SQUALL_SIMULATOR_WHAT_OF_H
