#!/bin/bash
# unchanged_gate.sh SQUALL LIMIT: fails if `squall instrument` of 100 translation units that it knows from the run before takes
# more than LIMIT million instructions (callgrind). Some four million are a millisecond.
set -eu
squall=$1 limit=$2
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
mkdir src
separator='['
for n in $(seq 100); do
    echo "#pragma once
inline bool load_$n(int n) { if (n == 0) return false; return true; }" > "src/u$n.h"
    {
        echo '#include <vector>'
        for k in 0 1 2 3 4 5 6 7 8 9; do echo "#include \"u$(((n * 7 + k) % 100 + 1)).h\""; done
        for k in $(seq 20); do
            echo "int f_${n}_$k(int n) { if (n > $k) return 1; for (int i = 0; i < n; ++i) { if (i > 10) break; } return n; }"
        done
    } > "src/u$n.cpp"
    echo "$separator{\"directory\":\".\",\"file\":\"src/u$n.cpp\",\"command\":\"g++ -std=c++20 -c src/u$n.cpp\"}"
    separator=,
done > compile_commands.json
echo ']' >> compile_commands.json
"$squall" instrument -p . --out out src > /dev/null
count=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$squall" instrument -p . -j1 --out out src 2>&1 >/dev/null |
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p')
[ -n "$count" ] || { echo "valgrind gave no count" >&2; exit 2; }
echo "instrument, nothing changed: $((count / 1000000)) million instructions, limit $limit"
[ $((count / 1000000)) -le "$limit" ]
