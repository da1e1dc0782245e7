// Takes out and puts in names, and leaves all else as the compiler wrote it.
#include "launcher/depfile.h"

namespace squall::rewrite {
namespace {

std::string escaped(const std::string& path) {
    std::string out;
    for (char c : path) {
        if (c == ' ' || c == '#')
            out += '\\';
        if (c == '$')
            out += '$';
        out += c;
    }
    return out;
}

bool ends_name(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

std::string corrected_depfile(const std::string& text, const std::string& gone,
                              const std::vector<std::string>& more) {
    std::string out = text;
    // As an empty rule of its own (-MP), and as a dependency.
    if (const std::size_t rule = out.find('\n' + gone + ":\n"); rule != std::string::npos)
        out.erase(rule, gone.size() + 2);
    for (std::size_t at = out.find(' ' + gone); at != std::string::npos; at = out.find(' ' + gone, at)) {
        const std::size_t end = at + 1 + gone.size();
        if (end == out.size() || ends_name(out[end]))
            out.erase(at, end - at);
        else
            at = end;
    }
    // The colon that ends the target; one within a name is not followed by white space.
    for (std::size_t colon = out.find(':'); colon != std::string::npos; colon = out.find(':', colon + 1)) {
        if (colon + 1 < out.size() && !ends_name(out[colon + 1]))
            continue;
        std::string added;
        for (const std::string& path : more)
            added += ' ' + escaped(path);
        out.insert(colon + 1, added);
        break;
    }
    return out;
}

std::string new_depfile(const std::string& target, const std::set<std::string>& paths) {
    std::string out = escaped(target) + ':';
    for (const std::string& path : paths)
        out += " \\\n  " + escaped(path);
    return out + '\n';
}

}  // namespace squall::rewrite
