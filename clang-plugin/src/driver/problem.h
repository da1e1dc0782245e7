// An error that ends the verb, as one sentence for people.
#ifndef SQUALL_REWRITE_PROBLEM_H
#define SQUALL_REWRITE_PROBLEM_H

#include <stdexcept>

namespace squall::rewrite {

class problem : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The user wants it to end: SIGINT, SIGTERM or SIGHUP came.
class interrupted : public std::runtime_error {
public:
    interrupted() : std::runtime_error("interrupted") {}
};

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_PROBLEM_H
