// The record as lines of text.
#include <squall/export.h>

#include <ostream>

namespace squall {

void export_text(std::ostream& out, std::span<const recorded_event> events) {
    for (const recorded_event& e : events) {
        std::string line = to_text(e);
        for (char& c : line)
            if (c == '\n' || c == '\r')
                c = ' ';
        out << line << '\n';
    }
}

}  // namespace squall
