#!/bin/bash
# compile_gate.sh COMPILER INCLUDE HEADER LIMIT: fails if including HEADER costs the compiler proper more than LIMIT million
# instructions (callgrind) in an otherwise nearly empty translation unit.
set -eu
compiler=$1 include=$2 header=$3 limit=$4
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
echo 'int f() { return 0; }' > "$directory/without.cpp"
{ echo "#include <$header>"; cat "$directory/without.cpp"; } > "$directory/with.cpp"
proper=$("$compiler" -print-prog-name=cc1plus)
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$proper" -quiet -std=c++11 -O2 -I "$include" "$1" -o /dev/null 2>&1 |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
without=$(count "$directory/without.cpp") with=$(count "$directory/with.cpp")
[ -n "$without" ] && [ -n "$with" ] || { echo "valgrind gave no count" >&2; exit 2; }
million=$(((with - without + 999999) / 1000000))
echo "$header: $million million instructions beyond an empty unit's $((without / 1000000)), limit $limit"
[ "$million" -le "$limit" ]
