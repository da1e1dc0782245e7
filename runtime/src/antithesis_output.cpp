// One JSON object per line, in the shapes that Antithesis' SDKs write. Each line goes out by one write() to a
// file opened for appending, so that processes may share the directory.
#include "antithesis_output.h"

#include "detail_text.h"
#include "gate.h"

#include <squall/antithesis.h>
#include <squall/catalog.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace squall {
namespace antithesis {
namespace {

struct shape {
    const char* type;
    const char* display;
    bool must_hit;
    bool declared_condition;
};

shape shape_of(site_kind kind) {
    switch (kind) {
        case site_kind::always:
            return {"always", "Always", true, false};
        case site_kind::always_or_unreachable:
            return {"always", "AlwaysOrUnreachable", false, false};
        case site_kind::sometimes:
            return {"sometimes", "Sometimes", true, false};
        case site_kind::unreachable:
            return {"reachability", "Unreachable", false, false};
        default:  // reachable; and sometimes-each, which the platform has not: that it was reached at all
            return {"reachability", "Reachable", true, true};
    }
}

// The state of the output. Never destroyed: threads may still assert while the process ends.
class output {
public:
    explicit output(int descriptor) : descriptor_(descriptor) {
        write(R"({"antithesis_sdk":{"language":{"name":"C++","version":")" + std::to_string(__cplusplus) +
              R"("},"protocol_version":"1.1.0","sdk_version":"squall"}})");
    }

    void declare(const catalog_entry& entry) {
        const shape as = shape_of(entry.kind);
        write(assertion(entry, as, as.declared_condition, false, "null"));
    }

    void evaluated(std::uint32_t index, bool held, const detail::details& about) {
        {
            const std::lock_guard lock(mutex_);
            state& seen = state_of(index);
            bool& already = held ? seen.held : seen.failed;
            if (already)
                return;
            already = true;
        }
        const catalog_entry entry = catalog_at(index);
        write(assertion(entry, shape_of(entry.kind), held, true, to_json(about)));
    }

    void compared(std::uint32_t index, double left, double right, bool maximise) {
        const double distance = (left - right) / 2;
        if (std::isnan(distance))
            return;
        {
            const std::lock_guard lock(mutex_);
            state& seen = state_of(index);
            if (seen.compared && (maximise ? distance < seen.nearest : distance > seen.nearest))
                return;
            seen.compared = true;
            seen.nearest = distance;
        }
        const catalog_entry entry = catalog_at(index);
        write(R"({"antithesis_guidance":{"guidance_type":"numeric","message":)" + json_quoted(entry.detail) +
              R"(,"id":)" + json_quoted(entry.detail) + R"(,"location":)" + location(entry) +
              R"(,"maximize":)" + (maximise ? "true" : "false") + R"(,"guidance_data":{"left":)" +
              number(left) + R"(,"right":)" + number(right) + R"(},"hit":true}})");
    }

    void write(std::string line) const {
        line.push_back('\n');
        std::size_t done = 0;
        while (done < line.size()) {
            const ssize_t n = ::write(descriptor_, line.data() + done, line.size() - done);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return;  // a full disk of the platform is not the program's business
            done += static_cast<std::size_t>(n);
        }
    }

private:
    struct state {
        bool held = false;
        bool failed = false;
        bool compared = false;
        double nearest = 0;
    };

    state& state_of(std::uint32_t index) {
        if (index >= states_.size())
            states_.resize(index + 1);
        return states_[index];
    }
    static std::string number(double value) {
        return std::isfinite(value) && value == std::trunc(value) && std::fabs(value) < 9e15
                   ? std::to_string(static_cast<long long>(value))
               : std::isfinite(value) ? std::to_string(value)
                                      : "null";
    }
    static std::string location(const catalog_entry& entry) {
        return R"({"begin_column":0,"begin_line":)" + std::to_string(entry.line) + R"(,"class":"","file":)" +
               json_quoted(entry.file) + R"(,"function":)" + json_quoted(entry.function) + "}";
    }
    static std::string assertion(const catalog_entry& entry, const shape& as, bool condition, bool hit,
                                 const std::string& details) {
        return std::string(R"({"antithesis_assert":{"assert_type":")") + as.type + R"(","condition":)" +
               (condition ? "true" : "false") + R"(,"details":)" + details + R"(,"display_type":")" +
               as.display + R"(","hit":)" + (hit ? "true" : "false") + R"(,"id":)" +
               json_quoted(entry.detail) + R"(,"location":)" + location(entry) + R"(,"message":)" +
               json_quoted(entry.detail) + R"(,"must_hit":)" + (as.must_hit ? "true" : "false") + "}}";
    }

    int descriptor_;
    std::mutex mutex_;
    std::vector<state> states_;  // by catalog index
};

output* open_output() noexcept {
    const char* directory = std::getenv("ANTITHESIS_OUTPUT_DIR");
    if (directory == nullptr || *directory == 0)
        return nullptr;
    const std::string path = std::string(directory) + "/sdk.jsonl";
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (descriptor < 0) {
        const std::string text = "squall: cannot write " + path + ", named by ANTITHESIS_OUTPUT_DIR\n";
        (void)!::write(2, text.data(), text.size());
        return nullptr;
    }
    open_gate();
    return new output(descriptor);
}

output* the_output() noexcept {
    static output* const instance = open_output();
    return instance;
}

}  // namespace

bool on() noexcept {
    return the_output() != nullptr;
}

void declare_from(std::size_t position) noexcept {
    output* const to = the_output();
    if (to == nullptr)
        return;
    const auto all = catalog();
    for (std::size_t i = position; i < all.size(); ++i)
        if (is_assertion(all[i].kind))
            to->declare(all[i]);
}

void evaluated(std::uint32_t index, bool held, const detail::details& about) {
    if (output* const to = the_output())
        to->evaluated(index, held, about);
}

void compared(std::uint32_t index, double left, double right, bool maximise) {
    if (output* const to = the_output())
        to->compared(index, left, right, maximise);
}

}  // namespace antithesis

namespace detail {

void send_setup_complete(const details& about) {
    if (auto* const to = antithesis::the_output())
        to->write(R"({"antithesis_setup":{"status":"complete","details":)" + to_json(about) + "}}");
}

void send_event(const char* name, const details& about) {
    if (auto* const to = antithesis::the_output())
        to->write("{" + json_quoted(name) + ":" + to_json(about) + "}");
}

}  // namespace detail
}  // namespace squall
