// What names say.
#include "rules/names.h"

#include <gmock/gmock.h>

namespace squall::rewrite {
namespace {

using testing::ElementsAre;

// Fails where a style of naming hides the words.
TEST(names, split_into_words_in_any_style) {
    EXPECT_THAT(words_of("read_http_header2"), ElementsAre("read", "http", "header2"));
    EXPECT_THAT(words_of("readHTTPHeader"), ElementsAre("read", "http", "header"));
    EXPECT_THAT(words_of("ReadAll"), ElementsAre("read", "all"));
    EXPECT_THAT(words_of("kNotFound"), ElementsAre("not", "found"));
    EXPECT_THAT(words_of("m_timeout_"), ElementsAre("timeout"));
    EXPECT_THAT(words_of("IO_ERROR"), ElementsAre("io", "error"));
    EXPECT_THAT(words_of("k"), ElementsAre("k"));
    EXPECT_THAT(words_of(""), ElementsAre());
}

// Fails where a question gets a fault.
TEST(names, tell_questions_from_work) {
    for (const char* name : {"is_open", "isOpen", "hasNext", "empty", "contains", "operator==", "queue_empty",
                             "can_read", "LogIsVisible", "key_may_match"})
        EXPECT_TRUE(says_predicate(name)) << name;
    for (const char* name : {"open", "write_all", "issue", "hash", "island", "history"})
        EXPECT_FALSE(says_predicate(name)) << name;
    for (const char* name :
         {"open", "write_all", "tryConnect", "async_read", "parseHeader", "sync", "do_send", "Flush"})
        EXPECT_TRUE(says_fallible(name)) << name;
    for (const char* name : {"find", "get_value", "peek", "is_open", "keep_going", "tryPop", "size", ""})
        EXPECT_FALSE(says_fallible(name)) << name;
}

// Fails where success or absence is injected as an error.
TEST(names, tell_failures_from_success_and_absence) {
    for (const char* name : {"ok", "kOk", "SUCCESS", "none", "no_error", "NoError", "STATUS_OK"})
        EXPECT_TRUE(says_success(name)) << name;
    for (const char* name : {"timed_out", "io_error", "kUnavailable", "CONNECTION_REFUSED", "bad_checksum"}) {
        EXPECT_TRUE(says_failure(name)) << name;
        EXPECT_FALSE(says_success(name)) << name;
    }
    for (const char* name : {"not_found", "NotFound", "missing", "no_such_key", "red"})
        EXPECT_FALSE(says_failure(name)) << name;
}

// Fails where a mere setting counts as an error.
TEST(names, know_error_variables) {
    for (const char* name : {"ec", "err", "error", "last_error", "errorCode", "err_no", "write_failed"})
        EXPECT_TRUE(says_error_variable(name)) << name;
    for (const char* name : {"kErrorVerbosity", "decoder", "errors_max", "code", ""})
        EXPECT_FALSE(says_error_variable(name)) << name;
}

// Fails where "settle" or "runtime" are timeouts.
TEST(names, know_timeouts_by_whole_words) {
    for (const char* name :
         {"timeout", "request_timeout", "retryDelay", "ttl", "time_out", "heartbeat_interval", "kBackoff"})
        EXPECT_TRUE(says_timeout(name)) << name;
    for (const char* name : {"settle", "little", "runtime", "elapsed", "periodic", "outtime"})
        EXPECT_FALSE(says_timeout(name)) << name;
}

// Fails where a number of anything else is taken for a time, or a unit is not known.
TEST(names, know_counts_of_time_by_their_unit) {
    for (const char* name :
         {"timeout_ms", "request_timeout_ms_", "kRetryDelaySeconds", "connectTimeoutMs", "TTL_SECS",
          "heartbeat_interval_millis", "kPollIntervalUs", "backoff_ms_max", "time_out_ms"})
        EXPECT_TRUE(says_counted_time(name)) << name;
    for (const char* name : {"timeout", "ms", "size_ms", "timeout_count", "avg_delay_ms", "last_timeout_ms",
                             "ms_timeout", "delay_samples", "start_delay_timestamp_ms", "interval_mask", ""})
        EXPECT_FALSE(says_counted_time(name)) << name;
    for (const char* name : {"sleep_ms", "SleepForMicroseconds", "set_timeout_ms", "waitMillis"})
        EXPECT_TRUE(says_counted_wait(name)) << name;
    for (const char* name : {"sleep", "to_timeout_ms", "await_x", "elapsed_wait_ms", "ms"})
        EXPECT_FALSE(says_counted_wait(name)) << name;
    EXPECT_TRUE(says_time_unit("millis"));
    EXPECT_FALSE(says_time_unit("timeout_ms"));
}

}  // namespace
}  // namespace squall::rewrite
