// Word lists, and the splitting of identifiers.
#include "rules/names.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>

namespace squall::rewrite {
namespace {

using word_list = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view word, word_list list) {
    return std::ranges::find(list, word) != list.end();
}

bool any_word(const std::vector<std::string>& words, word_list list) {
    return std::ranges::any_of(words, [&](const std::string& word) { return is_one_of(word, list); });
}

bool begins_with_words(const std::vector<std::string>& words, word_list first) {
    return !words.empty() && is_one_of(words.front(), first);
}

bool is_unit(std::string_view word) {
    return is_one_of(word, {"ns",      "nsec",        "nsecs",  "nano",        "nanos",   "nanosecond",
                            "us",      "usec",        "usecs",  "micro",       "micros",  "microsecond",
                            "ms",      "msec",        "msecs",  "milli",       "millis",  "millisecond",
                            "s",       "sec",         "secs",   "second",      "seconds", "milliseconds",
                            "minutes", "nanoseconds", "minute", "microseconds"});
}

// The unit stands last, but for words that say where a value is from.
bool ends_in_unit(std::vector<std::string> words) {
    while (words.size() > 1 && is_one_of(words.back(), {"default", "min", "max", "value", "limit"}))
        words.pop_back();
    return words.size() > 1 && is_unit(words.back());
}

// Statistics and moments are results, and nothing that anybody waits for.
bool says_measured(const std::vector<std::string>& words) {
    return any_word(words, {"elapsed", "avg",   "average", "mean",      "total",   "sum",     "count",
                            "num",     "last",  "prev",    "previous",  "start",   "started", "now",
                            "at",      "since", "time",    "timestamp", "clock",   "stat",    "stats",
                            "metric",  "seen",  "actual",  "measured",  "observed"}) &&
           !any_word(words, {"out"});
}

// The verb of a function: the words that only say how it does it are passed over.
std::string verb_of(std::string_view function) {
    for (const std::string& word : words_of(function))
        if (!is_one_of(word, {"try", "async", "do", "maybe", "co", "impl", "safe", "internal", "sync"}) ||
            word == function)
            return word;
    return {};
}

}  // namespace

std::vector<std::string> words_of(std::string_view identifier) {
    auto lower = [](char c) { return std::islower(static_cast<unsigned char>(c)) != 0; };
    auto upper = [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; };
    std::vector<std::string> words;
    std::string word;
    auto end_word = [&] {
        if (!word.empty())
            words.push_back(std::move(word));
        word.clear();
    };
    for (std::size_t i = 0; i < identifier.size(); ++i) {
        const char c = identifier[i];
        if (c == '_') {
            end_word();
            continue;
        }
        // aB begins a word at B, and ABc at B.
        const bool after_small = i > 0 && !upper(identifier[i - 1]) && identifier[i - 1] != '_';
        const bool before_small = i + 1 < identifier.size() && lower(identifier[i + 1]);
        if (upper(c) && (after_small || (before_small && !word.empty())))
            end_word();
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    end_word();
    if (words.size() > 1 && is_one_of(words.front(), {"k", "m", "s", "e"}))
        words.erase(words.begin());
    return words;
}

bool says_predicate(std::string_view function) {
    if (function.starts_with("operator"))
        return true;
    const std::vector<std::string> words = words_of(function);
    if (begins_with_words(
            words,
            {"is",      "has",      "have",     "can",        "should", "was",     "were",    "are",
             "will",    "must",     "may",      "does",       "did",    "needs",   "need",    "contains",
             "empty",   "equals",   "equal",    "matches",    "match",  "starts",  "ends",    "exists",
             "exist",   "supports", "allows",   "allowed",    "valid",  "less",    "greater", "same",
             "compare", "includes", "overlaps", "intersects", "in",     "any",     "all",     "none",
             "full",    "ready",    "done",     "good",       "ok",     "fail",    "bad",     "eof",
             "active",  "running",  "stopped",  "closed",     "alive",  "healthy", "enabled", "between"}))
        return true;
    // LogIsVisible, key_may_match, queue_full.
    return any_word(words, {"is", "has", "may", "should", "matches", "match"}) ||
           (!words.empty() && is_one_of(words.back(), {"empty", "full", "exists", "enabled", "valid"}));
}

bool says_lookup(std::string_view function) {
    return is_one_of(verb_of(function),
                     {"find",    "lookup",   "look",  "search", "get",     "first",  "last",    "next",
                      "prev",    "previous", "front", "back",   "head",    "tail",   "parent",  "child",
                      "root",    "peek",     "begin", "end",    "top",     "at",     "pop",     "take",
                      "dequeue", "insert",   "erase", "remove", "extract", "cancel", "advance", "skip",
                      "current", "latest",   "min",   "max",    "value",   "data",   "c"});
}

bool says_fallible(std::string_view function) {
    if (says_predicate(function) || says_lookup(function))
        return false;
    return is_one_of(verb_of(function),
                     {"open",        "reopen",     "read",        "write",        "append",    "send",
                      "recv",        "receive",    "connect",     "reconnect",    "listen",    "bind",
                      "accept",      "parse",      "decode",      "encode",       "load",      "reload",
                      "save",        "store",      "persist",     "flush",        "fsync",     "fdatasync",
                      "sync",        "commit",     "fetch",       "download",     "upload",    "init",
                      "initialize",  "initialise", "start",       "create",       "allocate",  "alloc",
                      "acquire",     "lock",       "login",       "authenticate", "handshake", "negotiate",
                      "resolve",     "replicate",  "submit",      "publish",      "subscribe", "post",
                      "request",     "query",      "execute",     "exec",         "run",       "call",
                      "invoke",      "rename",     "truncate",    "unlink",       "mkdir",     "mount",
                      "copy",        "transfer",   "recover",     "replay",       "restore",   "deserialize",
                      "deserialise", "unmarshal",  "serialize",   "serialise",    "compress",  "decompress",
                      "encrypt",     "decrypt",    "put",         "apply",        "process",   "register",
                      "seek",        "poll",       "ping",        "spawn",        "launch",    "fopen",
                      "fdopen",      "freopen",    "popen",       "fread",        "fwrite",    "fputs",
                      "fflush",      "fclose",     "close",       "malloc",       "calloc",    "realloc",
                      "mmap",        "munmap",     "socket",      "pipe",         "dup",       "dup2",
                      "stat",        "fstat",      "lstat",       "opendir",      "pread",     "pwrite",
                      "recvfrom",    "sendto",     "getaddrinfo", "ioctl",        "fcntl",     "eventfd",
                      "setsockopt",  "ftruncate",  "rmdir",       "fork"}) ||
           // sync() itself: `sync` is dropped as a word of manner only where a verb follows.
           is_one_of(function, {"sync", "Sync"});
}

bool says_next_item(std::string_view function) {
    return any_word(words_of(function),
                    {"line", "record", "token", "entry", "char", "item", "next", "more", "poll"});
}

bool says_conversion(std::string_view function) {
    const std::vector<std::string> words = words_of(function);
    if (begins_with_words(words, {"to", "as", "from", "convert", "translate", "map", "wrap", "into"}))
        return true;
    return begins_with_words(words, {"make", "get", "last", "error"}) &&
           any_word(words, {"error", "errc", "errno", "status"});
}

bool says_error_type(std::string_view type) {
    return any_word(words_of(type), {"error", "errors", "errc", "err", "errcode", "status", "result",
                                     "results", "outcome", "failure", "fault", "rc", "retcode"});
}

bool says_success(std::string_view enumerator) {
    const std::vector<std::string> words = words_of(enumerator);
    if (any_word(words, {"ok", "okay", "success", "succeeded", "successful", "noerror", "good", "done",
                         "complete", "completed", "accepted", "granted", "fine", "applied", "committed"}))
        return true;
    return words.size() == 1
               ? is_one_of(words.front(), {"none", "no"})
               : words.size() == 2 && (words.front() == "no" || words.front() == "none") &&
                     is_one_of(words.back(), {"error", "err", "errors", "failure", "fault", "timeout"});
}

bool says_absence(std::string_view enumerator) {
    const std::vector<std::string> words = words_of(enumerator);
    const bool negated = any_word(words, {"not", "no"});
    return (negated && any_word(words, {"found", "present", "entry", "such", "key", "exist", "exists",
                                        "match", "data"})) ||
           any_word(words, {"missing", "absent", "empty", "unknown", "undefined", "unspecified", "pending",
                            "notfound", "exists", "duplicate", "stale", "mismatch"});
}

bool says_failure(std::string_view enumerator) {
    if (says_success(enumerator) || says_absence(enumerator))
        return false;
    const std::vector<std::string> words = words_of(enumerator);
    return any_word(
        words,
        {"error",        "err",         "fail",       "failed",    "failure",   "fault",      "timeout",
         "timed",        "unavailable", "io",         "corrupt",   "corrupted", "corruption", "invalid",
         "refused",      "reset",       "denied",     "busy",      "full",      "bad",        "unreachable",
         "disconnected", "overload",    "overloaded", "retry",     "abort",     "aborted",    "cancelled",
         "canceled",     "expired",     "conflict",   "exhausted", "eof",       "closed",     "lost",
         "broken",       "limit",       "rejected",   "malformed", "truncated", "short",      "large",
         "unsupported",  "interrupted", "again",      "quorum",    "leader",    "primary",    "checksum",
         "crc",          "protocol",    "internal",   "deadline",  "resource",  "space"});
}

bool says_plain_failure(std::string_view enumerator) {
    return says_failure(enumerator) &&
           any_word(
               words_of(enumerator),
               {"error",    "err",         "fail",        "failed",     "failure",    "fault",     "timeout",
                "timed",    "unavailable", "corrupt",     "corrupted",  "corruption", "invalid",   "refused",
                "denied",   "bad",         "unreachable", "abort",      "aborted",    "cancelled", "canceled",
                "rejected", "malformed",   "truncated",   "unsupported"});
}

bool says_effect(std::string_view function) {
    if (says_predicate(function))
        return false;
    return is_one_of(
               verb_of(function),
               {"write",     "append", "send",   "save",    "store",    "persist",   "flush",  "fsync",
                "commit",    "upload", "create", "submit",  "publish",  "post",      "rename", "truncate",
                "unlink",    "mkdir",  "rmdir",  "copy",    "transfer", "put",       "apply",  "register",
                "replicate", "record", "push",   "enqueue", "insert",   "add",       "update", "delete",
                "remove",    "erase",  "set",    "install", "make",     "subscribe", "notify", "broadcast",
                "deliver",   "emit",   "link",   "sync",    "execute",  "exec",      "spawn",  "launch",
                "start",     "lock",   "acquire"}) ||
           is_one_of(function, {"sync", "Sync"});
}

bool says_error_variable(std::string_view variable) {
    const std::vector<std::string> words = words_of(variable);
    // on_error is what to call then.
    if (words.empty() || words.front() == "on")
        return false;
    const word_list errors{"ec", "err", "error", "errc", "errno", "errcode", "failed", "failure"};
    if (is_one_of(words.back(), errors))
        return true;
    // error_code, err_no; but not error_verbosity.
    return words.size() > 1 && is_one_of(words[words.size() - 2], errors) &&
           is_one_of(words.back(), {"code", "no", "number", "value"});
}

bool says_limit(std::string_view variable) {
    const std::vector<std::string> words = words_of(variable);
    if (any_word(
            words,
            {"digit",   "digits",   "exponent", "exp",   "precision",   "bit",       "bits",     "char",
             "chars",   "width",    "height",   "value", "code",        "codepoint", "version",  "id",
             "index",   "key",      "sequence", "type",  "level",       "levels",    "align",    "alignment",
             "header",  "varint",   "encoded",  "hash",  "mask",        "shift",     "enum",     "length",
             "len",     "name",     "path",     "time",  "timeout",     "delay",     "interval", "ms",
             "us",      "sec",      "seconds",  "port",  "float",       "double",    "int",      "unsigned",
             "percent", "ratio",    "load",     "min",   "priority",    "args",      "distance", "bin",
             "bins",    "digits10", "pow",      "power", "significand", "mantissa",  "capture",  "captures"}))
        return false;
    // What is bounded, and the word that says so.
    return any_word(words, {"max", "maximum", "limit", "capacity", "depth", "batch", "backlog", "watermark",
                            "quota"}) ||
           (any_word(words, {"queue", "cache", "pool", "window", "chunk", "ring", "buffered", "inflight"}) &&
            any_word(words, {"size", "count", "entries", "length"}));
}

bool says_misuse(std::string_view exception) {
    return any_word(words_of(exception),
                    {"argument", "logic", "range", "misuse", "assert", "assertion", "precondition",
                     "unreachable", "type", "cast", "usage", "implemented", "unsupported"});
}

bool says_timeout(std::string_view variable) {
    const std::vector<std::string> words = words_of(variable);
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
        if (words[i] == "time" && words[i + 1] == "out")
            return true;
    return any_word(words,
                    {"timeout", "timeouts", "deadline", "delay", "interval", "ttl", "period", "backoff"});
}

bool says_counted_time(std::string_view variable) {
    const std::vector<std::string> words = words_of(variable);
    return says_timeout(variable) && ends_in_unit(words) && !says_measured(words);
}

bool says_wait(std::string_view function) {
    return any_word(words_of(function),
                    {"sleep", "usleep", "msleep", "wait", "pause", "poll", "expire", "expires", "schedule"});
}

bool says_counted_wait(std::string_view function) {
    const std::vector<std::string> words = words_of(function);
    return (says_wait(function) || says_timeout(function)) && ends_in_unit(words) && !says_measured(words) &&
           !says_conversion(function);
}

bool says_time_unit(std::string_view variable) {
    const std::vector<std::string> words = words_of(variable);
    return words.size() == 1 && is_unit(words.front());
}

}  // namespace squall::rewrite
