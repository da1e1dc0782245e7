#!/bin/bash
# instruction_gate.sh PROGRAM MODE BASE LIMIT: fails if a turn of MODE takes more than LIMIT instructions (callgrind)
# beyond one of BASE. PROGRAM MODE N runs N turns and is deterministic; the difference of two N takes out its start.
set -eu
program=$1 mode=$2 base=$3 limit=$4
few=${GATE_FEW:-1000} many=${GATE_MANY:-101000}
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
per_turn() { # hundredths of an instruction
    local a b
    a=$(count "$1" "$few") b=$(count "$1" "$many")
    [ -n "$a" ] && [ -n "$b" ] || { echo "valgrind gave no count for $1" >&2; exit 2; }
    echo $(((b - a) * 100 / (many - few)))
}
of_mode=$(per_turn "$mode")
of_base=0
[ "$base" = - ] || of_base=$(per_turn "$base")
over=$((of_mode - of_base))
printf '%s: %d.%02d instructions beyond %s, limit %s\n' "$mode" $((over / 100)) $((over % 100)) "$base" "$limit"
[ "$over" -le $((limit * 100)) ]
