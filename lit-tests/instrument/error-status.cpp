// Of a class that says how an operation ended, the function gives the error that it makes itself.
// RUN: %rewrite %s %t --rules=error-return | FileCheck %s
// RUN: %same %s %t --rules=error-return
// RUN: %fires %s %t db::store::put --rules=error-return | FileCheck %s --check-prefix=PUT
// RUN: %fires %s %t db::lookup --rules=error-return | FileCheck %s --check-prefix=LOOKUP
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

namespace db {
class slice {
public:
    slice(const char* text) : text_(text) {}
    slice(const std::string& text) : text_(text) {}
    const std::string& text() const { return text_; }

private:
    std::string text_;
};
class Status {
public:
    enum class code { ok, missing, io, bad };
    Status() = default;
    Status(code c, std::string what = {}) : code_(c), what_(std::move(what)) {}
    static Status OK() { return Status(); }
    static Status NotFound(const slice& a) { return Status(code::missing, a.text()); }
    // Makes errors: no function that fails.
    // CHECK: static Status IOError(const slice& a, const slice& b = "") { return Status(code::io, a.text() + b.text()); }
    static Status IOError(const slice& a, const slice& b = "") { return Status(code::io, a.text() + b.text()); }
    static Status Corruption() { return Status(code::bad); }
    static const Status CANCELLED;
    bool ok() const { return code_ == code::ok; }
    const std::string& what() const { return what_; }

private:
    static Status Internal(int n) { return Status(code::bad, std::to_string(n)); }
    // CHECK: Status check(int n) { if (::squall::fire({{.*}} { return ::db::Status::Internal(-7); }
    Status check(int n) {
        if (n == 0) return Internal(-7);
        return *this;
    }
    code code_ = code::ok;
    std::string what_;
};
const Status Status::CANCELLED(Status::code::bad);

// Converts; it is no operation.
// CHECK: Status to_status(int n) {{[{]$}}
Status to_status(int n) {
    if (n == 0) return Status::OK();
    return Status::IOError("errno");
}
// CHECK: Status from_number(int n) {{[{]$}}
Status from_number(int n) {
    if (n == 2) return Status::NotFound("number");
    return Status::IOError("number", std::to_string(n));
}

// Nothing but errors: a factory of them, whatever its name.
// CHECK: Status posix_error(int n) {{[{]$}}
Status posix_error(int n) {
    if (n == 2) return Status::NotFound("number");
    return Status::IOError("number");
}

class store {
public:
    // Of what it says, the parts that are known at the start stay; texts are replaced.
    // CHECK: Status put(const std::string& name, int n) { if (::squall::fire({{.*}} { return ::db::Status::IOError(::db::slice("injected by squall"), ::db::slice("injected by squall")); }
    Status put(const std::string& name, int n) {
        const std::string detail = std::to_string(n);
        if (n == 0) return Status::NotFound(name);
        if (n == 1) return Status::IOError(name, detail);
        return Status::OK();
    }
    // Absence is an answer.
    // CHECK: Status get(int n) {{[{]$}}
    Status get(int n) {
        if (n == 0) return Status::NotFound("x");
        return Status::OK();
    }
    // Hands on what another made.
    // CHECK: Status twice(int n) {{[{]$}}
    Status twice(int n) {
        Status s = put("a", n);
        if (!s.ok()) return s;
        return put("b", n);
    }
    // CHECK: Status verify(int n) const { if (::squall::fire({{.*}} { return ::db::Status::Corruption(); }
    Status verify(int n) const { return n == 0 ? Status::Corruption() : Status::OK(); }
    // CHECK: Status wait(int n) { if (::squall::fire({{.*}} { return ::db::Status::CANCELLED; }
    Status wait(int n) {
        if (n == 0) return Status::CANCELLED;
        return {};
    }
};

// A name of the function's own would mean nothing at its start.
// CHECK: Status by_code(Status::code c) {{[{]$}}
Status by_code(Status::code c) {
    const Status::code worse = c;
    if (c != Status::code::ok) return Status(worse, "text");
    return Status::OK();
}

enum class errc { fine, unavailable, internal_error };
class rpc_status {
public:
    rpc_status() = default;
    explicit rpc_status(errc e) : e_(e) {}
    rpc_status(errc e, std::string_view) : e_(e) {}
    int number() const { return static_cast<int>(e_); }

private:
    errc e_ = errc::fine;
};
// CHECK: rpc_status call(int n) { if (::squall::fire({{.*}} { return ::db::rpc_status(::db::errc::unavailable, ::std::string_view("injected by squall")); }
rpc_status call(int n) {
    const std::string peer = "peer";
    if (n == 0) return rpc_status(errc::unavailable, peer);
    return rpc_status();
}
// CHECK: rpc_status short_call(int n) { if (::squall::fire({{.*}} { return ::db::rpc_status(::db::errc::internal_error); }
rpc_status short_call(int n) {
    if (n == 0) return rpc_status(errc::internal_error);
    return rpc_status();
}

// The error becomes what is returned just as the function's own does.
template <class T>
class status_or {
public:
    status_or(T value) : value_(std::move(value)) {}
    status_or(Status s) : status_(std::move(s)) {}
    bool ok() const { return status_.ok(); }
    const Status& status() const { return status_; }
    T value() const { return value_; }

private:
    Status status_;
    T value_{};
};
Status UnavailableError(std::string_view what) { return Status(Status::code::io, std::string(what)); }
// CHECK: status_or<int> lookup(int n) { if (::squall::fire({{.*}} { return ::db::UnavailableError(::std::string_view("injected by squall")); }
status_or<int> lookup(int n) {
    if (n == 0) return UnavailableError("none");
    return n;
}
// CHECK: template <class T> status_or<T> load(T n) { if (::squall::fire({{.*}} { return ::db::UnavailableError(
template <class T> status_or<T> load(T n) {
    if (n == T()) return UnavailableError("none");
    return n;
}
#define RETURN_BAD return Status::IOError("macro")
// CHECK: Status by_macro(int n) { if (::squall::fire({{.*}} { return ::db::Status::IOError(::db::slice("injected by squall")); }
Status by_macro(int n) {
    if (n == 0) RETURN_BAD;
    return Status::OK();
}
// Nothing of the kind.
struct point {
    int x;
};
// CHECK: point origin(int n) { return n ? point{1} : point{}; }
point origin(int n) { return n ? point{1} : point{}; }
// CHECK: auto deduced(int n) {{[{]$}}
auto deduced(int n) {
    if (n == 0) return Status::Corruption();
    return Status::OK();
}
}  // namespace db

int main() {
    using namespace db;
    store s;
    const Status put = s.put("name", 2);
    std::printf("put %d %s\n", put.ok(), put.what().c_str());
    std::printf("%d%d%d%d%d\n", s.get(1).ok(), s.twice(3).ok(), s.verify(1).ok(), s.wait(1).ok(), by_code(Status::code::ok).ok());
    std::printf("%d %d\n", call(1).number(), short_call(1).number());
    std::printf("lookup %d\n", lookup(4).ok());
    std::printf("%d%d%d%d%d\n", load(5).ok(), by_macro(1).ok(), to_status(1).ok(), from_number(2).ok() + posix_error(3).ok(), deduced(1).ok());
    return origin(0).x;
}
// PUT: put 0 injected by squallinjected by squall
// PUT-NEXT: 10111
// PUT-NEXT: 0 0
// PUT-NEXT: lookup 1
// LOOKUP: put 1
// LOOKUP: lookup 0
