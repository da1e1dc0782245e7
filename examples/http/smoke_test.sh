#!/usr/bin/env bash
# smoke_test.sh SERVER CLIENT: one server on loopback, notes written and read back, and a polite end.
set -euo pipefail

server=$1
client=$2
pid=

clean_up() { if [ -n "$pid" ]; then kill -9 "$pid" 2>/dev/null || true; fi; }
trap clean_up EXIT

fail() {
    echo "smoke_test: $*" >&2
    exit 1
}

for _ in $(seq 20); do
    port=$((20000 + RANDOM % 12000))
    "$server" 127.0.0.1 $port &
    pid=$!
    for _ in $(seq 100); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && kill -0 "$pid" 2>/dev/null; then break 2; fi
        kill -0 "$pid" 2>/dev/null || break  # somebody else has the port
        sleep 0.05
    done
    pid=
done
[ -n "$pid" ] || fail "the server does not listen"

talk() { timeout 20 "$client" localhost "$port" "$@"; }

talk put colour 1 blue || fail "put"
[ "$(talk get colour)" = blue ] || fail "get"
talk put colour 2 green || fail "second put"
! talk put colour 1 late 2>/dev/null || fail "a late put was taken"
[ "$(talk get colour)" = green ] || fail "second get"
big=$(head -c 60000 /dev/zero | tr '\0' x)
talk put big 1 "$big" || fail "big put"
[ "$(talk get big)" = "$big" ] || fail "big get"
code=0
talk get nothing || code=$?
[ "$code" = 3 ] || fail "an unknown note: exit code $code"

kill -TERM "$pid"
wait "$pid" || fail "the server does not end well"
pid=
echo "smoke_test: passed"
