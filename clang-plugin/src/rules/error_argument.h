// Functions that report through an `error_code&` parameter.
#ifndef SQUALL_REWRITE_ERROR_ARGUMENT_H
#define SQUALL_REWRITE_ERROR_ARGUMENT_H

#include "rules/rules.h"

#include <string>

namespace squall::rewrite {

struct error_argument {
    std::string assignment;  // "ec = ::std::errc::x; ", empty if the function is not seen to set it
    std::string value;       // what is returned along with it where that is seen; empty for void as well
};

// The first parameter of type error_code& that the body sets to an error, or hands to a call and tests.
error_argument error_argument_of(const function_view& f, bool asked);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_ERROR_ARGUMENT_H
