// What identifiers say: the words they are made of, and what those words mean to the rules.
#ifndef SQUALL_REWRITE_NAMES_H
#define SQUALL_REWRITE_NAMES_H

#include <string>
#include <string_view>
#include <vector>

namespace squall::rewrite {

// Lower-case words: "readHTTPHeader2" and "read_http_header2" are read, http, header2. A leading k as in
// kNotFound and an m or s before an underscore are no words.
std::vector<std::string> words_of(std::string_view identifier);

// Sizes, sets and questions: is_open, empty, operator==. False is an answer there and no failure.
bool says_predicate(std::string_view function);
// find, get, peek, next: null says that nothing is there, which may well be the truth about healthy state.
bool says_lookup(std::string_view function);
// open, read, send, parse, decode, ...: what has outside reasons to fail.
bool says_fallible(std::string_view function);
// read_line, parse_token, poll: false says that there is none any more, or none yet.
bool says_next_item(std::string_view function);
// Makes one representation of an error into another: to_errc, make_error_code. Its result is data.
bool says_conversion(std::string_view function);

// The name of an error type: errc, parse_error, Status, result_code.
bool says_error_type(std::string_view type);
// An enumerator that means all is well, or that nothing was there: no failure to inject.
bool says_success(std::string_view enumerator);
bool says_absence(std::string_view enumerator);
// timed_out, io_error, kUnavailable, ...
bool says_failure(std::string_view enumerator);
// A variable that holds an error: ec, err, error, last_errno.
bool says_error_variable(std::string_view variable);

// The name of a number that limits what comes and goes: max_batch, kQueueDepth, cache_capacity; but none that
// a format or a type is made of, as max_digits.
bool says_limit(std::string_view variable);
// An exception that stands for a mistake of the program's: bad_argument, out_of_range.
bool says_misuse(std::string_view exception);

// The name of a duration that limits or spaces something: timeout, retry_delay, ttl.
bool says_timeout(std::string_view variable);
// The same with the unit at the end: timeout_ms, kRetryDelaySeconds; but no measurement as avg_delay_ms.
bool says_counted_time(std::string_view variable);
// A function that leaves something behind: write, send, rename, commit. What only looks or works out does
// not.
bool says_effect(std::string_view function);
// An enumerator that can mean nothing but failure, whatever its type is called: io_error, kTimeout; but not
// Short.
bool says_plain_failure(std::string_view enumerator);

// A function that waits, or sets how long to: sleep_ms, set_timeout_ms, poll; with the unit or without.
bool says_counted_wait(std::string_view function);
bool says_wait(std::string_view function);
// Nothing but a unit: ms, millis, seconds.
bool says_time_unit(std::string_view variable);

}  // namespace squall::rewrite

#endif  // SQUALL_REWRITE_NAMES_H
