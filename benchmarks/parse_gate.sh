#!/bin/bash
# parse_gate.sh SQUALL CLANGXX PERCENT: fails if parsing and rewriting a translation unit costs squall more than PERCENT of the
# instructions (callgrind) of clang's -fsyntax-only of it. The unit is of the common kind: headers of the library, and
# functions of its own that use them.
set -eu
squall=$1 clangxx=$2 percent=$3
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
{
    for header in algorithm chrono functional iostream map memory optional string vector; do echo "#include <$header>"; done
    for n in $(seq 200); do
        cat <<END
std::optional<int> find_$n(const std::map<std::string, int>& all, const std::string& name, std::chrono::milliseconds timeout) {
    if (timeout.count() < $n) return std::nullopt;
    auto found = all.find(name);
    if (found == all.end()) { return std::nullopt; }
    return found->second + $n;
}
END
    done
} > a.cpp
echo '[{"directory":".","file":"a.cpp","command":"g++ -std=c++20 -c a.cpp"}]' > compile_commands.json
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null | sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
plain=$(count "$clangxx" -std=c++20 -fsyntax-only a.cpp)
ours=$(count "$squall" instrument -p . -j1 --diff a.cpp)
[ -n "$plain" ] && [ -n "$ours" ] || { echo "valgrind gave no count" >&2; exit 2; }
echo "instrument: $((ours / 1000000)) million instructions, $((ours * 100 / plain)) % of -fsyntax-only's $((plain / 1000000)) million, limit $percent %"
[ $((ours * 100 / plain)) -le "$percent" ]
