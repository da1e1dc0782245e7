#!/bin/bash
# report_gate.sh SQUALL FAKE LIMIT: fails if `squall report` takes more than LIMIT instructions (callgrind) for one more row of a
# campaign. FAKE is the fake simulation of tests/cli; a tenth of its runs fail. A million rows are to be read in less than 3 s, which
# a machine of 4,000 million instructions a second does up to 12,000 a row.
set -eu
squall=$1 fake=$2 limit=$3
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
"$squall" run --seeds 1000 --keep-going --quiet --campaign one.db -- "$fake" --fail=%10+7 --fail2=%50+9 > run.txt || [ $? = 1 ]
columns="verdict, message, process, place, virtual_ns, events, digest, wall_us, faults, options, tail, output, checkpoints"
count() { # THOUSANDS: instructions of the report on a campaign of so many rows
    cp one.db many.db
    sqlite3 many.db "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1 - 1)
        INSERT INTO run(simulation, seed, $columns) SELECT simulation, seed + 1000 * i, $columns FROM run, n WHERE seed <= 1000"
    [ "$(sqlite3 many.db 'SELECT count(*) FROM run')" = "${1}000" ] || { echo "the campaign has not $1,000 rows" >&2; exit 2; }
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$squall" report many.db --json 2>&1 > report.json |
        sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
few=$(count 10) many=$(count 60)
[ -n "$few" ] && [ -n "$many" ] || { echo "valgrind gave no count" >&2; exit 2; }
a_row=$(((many - few) / 50000))
echo "report: $a_row instructions a row, limit $limit"
[ "$a_row" -le "$limit" ]
