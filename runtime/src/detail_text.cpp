// Details as text and as JSON.
#include "detail_text.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <sstream>

namespace squall {
namespace {

// Shortest text that reads back as the same number.
std::string shortest(double value) {
    char text[40];
    const auto [end, error] = std::to_chars(text, text + sizeof text, value);
    return error == std::errc() ? std::string(text, end) : std::string("nan");
}

// Both writers: what differs is how a key, a text and a number that is none look.
class writer : public detail::detail_sink {
public:
    void boolean(bool value) override { raw(value ? "true" : "false"); }
    void integer(long long value) override { raw(std::to_string(value)); }
    void natural(unsigned long long value) override { raw(std::to_string(value)); }
    void duration(double count, long long numerator, long long denominator) override {
        string(shortest(count * static_cast<double>(numerator) / static_cast<double>(denominator)) + "s");
    }
    void text(const char* data, unsigned long size) override { string({data, size}); }
    std::ostream& begin_print() override {
        printed_.str({});
        printed_.clear();
        printed_ << std::boolalpha;
        return printed_;
    }
    void end_print() override { string(printed_.str()); }

    std::string out;

protected:
    virtual void string(std::string_view value) = 0;
    void raw(std::string_view value) { out.append(value); }

private:
    std::ostringstream printed_;
};

class text_writer final : public writer {
public:
    void key(const char* name) override { out.append(out.empty() ? "" : " ").append(name).append("="); }
    void real(double value) override {
        char text[40];
        std::snprintf(text, sizeof text, "%g", value);
        raw(text);
    }

protected:
    void string(std::string_view value) override { raw(value); }
};

class json_writer final : public writer {
public:
    void key(const char* name) override {
        out.append(out.empty() ? "{" : ",").append(json_quoted(name)).append(":");
    }
    void real(double value) override {
        if (std::isfinite(value))
            raw(shortest(value));
        else
            string(std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }

protected:
    void string(std::string_view value) override { raw(json_quoted(value)); }
};

// Bytes of the UTF-8 sequence that begins the text; 0 if it is none.
std::size_t utf8_length(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = at(0);
    if (first < 0x80)
        return 1;
    const std::size_t length = first >= 0xc2 && first < 0xe0   ? 2
                               : first >= 0xe0 && first < 0xf0 ? 3
                               : first >= 0xf0 && first < 0xf5 ? 4
                                                               : 0;
    if (length == 0 || text.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((at(i) & 0xc0u) != 0x80u)
            return 0;
    // Overlong forms, surrogates, and beyond U+10FFFF.
    if ((first == 0xe0 && at(1) < 0xa0) || (first == 0xed && at(1) >= 0xa0) ||
        (first == 0xf0 && at(1) < 0x90) || (first == 0xf4 && at(1) >= 0x90))
        return 0;
    return length;
}

}  // namespace

std::string to_text(const detail::details& about) {
    text_writer to;
    about.write(to);
    return std::move(to.out);
}

std::string to_json(const detail::details& about) {
    json_writer to;
    about.write(to);
    return to.out.empty() ? "null" : std::move(to.out) + "}";
}

std::string json_quoted(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const auto c = static_cast<unsigned char>(text.front());
        std::size_t length = utf8_length(text);
        if (c == '"' || c == '\\') {
            out.append("\\").push_back(static_cast<char>(c));
        } else if (c < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
            out.append(escape);
        } else if (length == 0) {
            out.append("\xef\xbf\xbd");
            length = 1;
        } else {
            out.append(text.substr(0, length));
        }
        text.remove_prefix(length);
    }
    out.push_back('"');
    return out;
}

}  // namespace squall
