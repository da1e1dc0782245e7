// What is an answer and no failure gets no fault.
// RUN: %rewrite %s %t --rules=error-return | FileCheck %s
// RUN: %same %s %t --rules=error-return
// CHECK-NOT: squall::fire
#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace app {
enum class color { red, green };
enum class status { ok, not_found, io_error };

struct store {
    bool empty() const { return items.empty() ? true : false; }
    bool is_open() const noexcept {
        if (items.empty()) return false;
        return true;
    }
    bool contains(int key) const {
        if (key < 0) return false;
        return items.count(key) > 0;
    }
    bool hasRoom() const {
        if (items.size() > 9) return false;
        return true;
    }
    bool operator==(const store& other) const {
        if (items.size() != other.items.size()) return false;
        return true;
    }
    // Nothing there is the truth about a healthy store.
    std::optional<std::string> get(int key) const {
        auto it = items.find(key);
        if (it == items.end()) return std::nullopt;
        return it->second;
    }
    const std::string* find(int key) const {
        auto it = items.find(key);
        if (it == items.end()) return nullptr;
        return &it->second;
    }
    status look(int key) const {
        if (!items.count(key)) return status::not_found;
        return status::ok;
    }
    // An inner test that says no.
    bool less_than(int a, int b) const {
        if (a >= b) return false;
        return true;
    }
    // Only ever the one.
    bool write() { return false; }
    std::error_code last() const { return last_; }
    std::map<int, std::string> items;
    std::error_code last_;
};

bool keep_going(int n) {
    if (n == 3) return false;
    return true;
}
color pick(int n) { return n ? color::red : color::green; }
// One kind of error made into another is data.
status to_status(int n) { return n ? status::io_error : status::ok; }
std::error_code make_error_code(status s) {
    if (s == status::ok) return {};
    return {static_cast<int>(s), std::generic_category()};
}
const char* name(status s) {
    switch (s) {
        case status::ok: return "ok";
        default: return nullptr;
    }
}
// The lambda's return is not the function's.
bool read_all(std::vector<int>& v) {
    return std::any_of(v.begin(), v.end(), [](int i) { if (i == 0) return false; return true; });
}
// A number that a decoder gave, compared with another: no test of failure.
enum class presentation { none, text };
unsigned decode_number(int n) { return unsigned(n); }
bool key_may_match(int n, int m) {
    unsigned start = decode_number(n), limit = decode_number(m);
    if (start == limit) return false;
    return true;
}
bool in_range(int n, int m) {
    unsigned start = decode_number(n), limit = decode_number(m);
    if (start == limit) return false;
    return true;
}
bool check_presentation(presentation p) {
    if (p != presentation::none) return false;
    return true;
}
bool trace(int kErrorVerbosity) {
    if (kErrorVerbosity == 3) return false;
    return true;
}
void open_nothing() {}
// No failure leads to -1: it may be an answer.
int read_flags(int n) {
    if (n > 3) return 1;
    return -1;
}
// False says that there is none any more.
bool read_line(int n) {
    if (n == 0) return false;
    return true;
}
// Makes a status out of something else.
enum class exit_status { success, failure, interrupted };
exit_status parse_exit_status(int n) {
    if (n == 1) return exit_status::failure;
    return n == 2 ? exit_status::interrupted : exit_status::success;
}
struct handle {
    handle() {}
    explicit operator bool() const {
        if (n == 0) return false;
        return true;
    }
    int n = 0;
};
// Nothing there to work on, or nothing given.
struct queue {
    bool read(int* to) {
        if (!to) return false;
        if (!has_message_) return false;
        *to = message_;
        return true;
    }
    bool send_back_of(std::vector<int>& v) {
        if (v.empty()) return false;
        v.pop_back();
        return true;
    }
    bool poll() {
        if (v_.size() == 3) return true;
        return false;
    }
    int message_ = 0;
    bool has_message_ = false;
    std::vector<int> v_;
};
// Picks apart what it is given.
template <typename T>
const T* read_maybe(const std::pair<T, bool>& p) {
    return p.second ? &p.first : nullptr;
}
// Tells how it stands.
enum class handshake_status { waiting, ready, error };
struct handshake {
    handshake_status status() const {
        if (state_ == handshake_status::error) return handshake_status::error;
        return handshake_status::ready;
    }
    handshake_status state_ = handshake_status::waiting;
};
// Tells what kind of error it is given.
enum class error_kind { failed, overloaded };
error_kind kind_of(int error) {
    switch (std::abs(error)) {
        case 12: return error_kind::overloaded;
        default: return error_kind::failed;
    }
}
}  // namespace app

int main() {
    app::queue q;
    std::pair<int, bool> p;
    if (q.read(nullptr) || q.send_back_of(q.v_) || q.poll() || app::read_maybe(p)) return 9;
    if (app::handshake().status() == app::handshake_status::error || app::kind_of(12) == app::error_kind::failed) return 8;
    app::store s;
    std::vector<int> v{1};
    app::open_nothing();
    return s.empty() + s.is_open() + app::read_all(v) + app::keep_going(1) - 3 + (app::handle() ? 1 : 0) + app::read_flags(4) - 1 + app::read_line(0) +
           int(app::parse_exit_status(0));
}
// CHECK: ---- summary
// CHECK: sites: error-return 0
