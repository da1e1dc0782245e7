#!/usr/bin/env bash
# The main job, start to end: instrument a replicated store that has three bugs, run it over many seeds, reproduce what
# breaks, and see the store without the bugs survive. `./dev demo` builds what this needs and calls it.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
build=build/dev
out=build/demo
squall=$build/cli/squall
seeds=${SQUALL_DEMO_SEEDS:-600}
fixed_seeds=${SQUALL_DEMO_FIXED_SEEDS:-2000}
test=Kv.KeepsWhatItAcknowledged

say() { printf '\n==> %s\n' "$*"; }
# Shows a command as a user would type it, and runs it.
show() { printf '  $ %s\n' "$*"; "$@"; }

say "1. Instrument the store: examples/kv knows nothing of squall's faults"
show "$squall" instrument -p "$build" --out "$out/source" examples/kv

say "2. Build the copy with the ordinary compiler; one flag brings the sites in"
cmake --install "$build" --prefix "$out/squall" >"$out/install.log"
show cmake -S "$out/source/examples/kv" -B "$out/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    "-DCMAKE_PREFIX_PATH=$root/$out/squall" "-DCMAKE_CXX_FLAGS=@$root/$out/source/squall.flags" \
    -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)" >"$out/configure.log"
show cmake --build "$out/build" -j "$(nproc)" --target kv_sim_test kv_buggy_sim_test
instrumented=$out/build/sim
plain=$build/examples/kv/sim

say "3. List the sites, from the binary, without running it"
"$squall" sites "$instrumented/kv_buggy_sim_test" --kind error-return | head -n 8
echo "  ..."
"$squall" sites "$instrumented/kv_buggy_sim_test" | tail -n 1

# Runs a campaign that is expected to fail (exit code 1); anything else but success ends the demo.
campaign() {
    local code=0
    show "$squall" run "$@" || code=$?
    [ "$code" -le 1 ] || exit "$code"
}

say "4. The buggy store, instrumented, over $seeds seeds"
campaign --overwrite --campaign "$out/instrumented.db" --seeds "$seeds" --keep-going -- "$instrumented/kv_buggy_sim_test"

say "5. The same seeds on the same store without sites, to be honest about what they bring"
campaign --overwrite --quiet --campaign "$out/plain.db" --seeds "$seeds" --keep-going -- "$plain/kv_buggy_sim_test" >"$out/plain.log"
tail -n 3 "$out/plain.log"

say "6. Which bugs each found, by what the clients saw"
count() { sqlite3 "$1" "SELECT count(*) || coalesce('  first ' || min(seed), '') FROM run WHERE verdict <> 'passed' AND $2"; }
lost="message LIKE 'what was acknowledged is not lost%'"
mixed="message LIKE 'a request gets its own answer%' OR message LIKE 'a value is not read before it is written%'"
torn="message LIKE 'a value that is read was written%'"
row() { printf '  %-58s %-22s %-22s\n' "$1" "$2" "$3"; }
row "failing seeds of $seeds" "with sites" "without sites"
row "an acknowledged write is lost (bug 1; now and then bug 2)" "$(count "$out/instrumented.db" "($lost)")" "$(count "$out/plain.db" "($lost)")"
row "a request gets the answer to another one (bug 2)" "$(count "$out/instrumented.db" "($mixed)")" "$(count "$out/plain.db" "($mixed)")"
row "a value appears that nobody wrote (bug 3)" "$(count "$out/instrumented.db" "($torn)")" "$(count "$out/plain.db" "($torn)")"
other="NOT ($lost OR $mixed OR $torn)"
row "anything else" "$(count "$out/instrumented.db" "($other)")" "$(count "$out/plain.db" "($other)")"
found=0
for bug in "$lost" "$mixed" "$torn"; do
    [ "$(sqlite3 "$out/instrumented.db" "SELECT count(*) FROM run WHERE verdict <> 'passed' AND ($bug)")" -eq 0 ] || found=$((found + 1))
done

say "7. Replay the first failing seed: the same execution, event by event"
seed=$(sqlite3 "$out/instrumented.db" "SELECT min(seed) FROM run WHERE verdict <> 'passed'")
[ -n "$seed" ] || { echo "squall: the demo found no failing seed" >&2; exit 1; }
show "$squall" replay --seed "$seed" --campaign "$out/instrumented.db" -- "$instrumented/kv_buggy_sim_test" "--gtest_filter=$test" || [ $? -eq 1 ]

say "8. The store without the bugs, instrumented, over $fixed_seeds seeds"
show "$squall" run --overwrite --campaign "$out/fixed.db" --seeds "$fixed_seeds" --keep-going -- "$instrumented/kv_sim_test"

if [ "$found" -lt 2 ]; then
    echo "squall: the demo found $found of the three bugs; at least two were expected" >&2
    exit 1
fi
say "Found $found of the three bugs; the fixed store survived $fixed_seeds seeds. Campaigns: $out/*.db"
