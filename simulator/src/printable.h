// Text of the program under test, fit to be shown.
#ifndef SQUALL_SIMULATOR_PRINTABLE_H
#define SQUALL_SIMULATOR_PRINTABLE_H

#include <string>
#include <string_view>

namespace squall {

// ASCII without control characters: each other byte as \n, \t or \xHH, a backslash as two. One byte is one
// column.
inline std::string printable(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (c == '\\')
            out += "\\\\";
        else if (byte >= 0x20 && byte < 0x7f)
            out += c;
        else
            out.append("\\x").append({digits[byte >> 4], digits[byte & 15]});
    }
    return out;
}

}  // namespace squall

#endif  // SQUALL_SIMULATOR_PRINTABLE_H
