#!/usr/bin/env bash
# smoke_test.sh KV-SERVER KV-CLIENT: three replicas on loopback, one killed at a time, and everything read back.
set -euo pipefail

server=$1
client=$2
work=$(mktemp -d)
declare -A pid=()

clean_up() {
    for p in "${pid[@]}"; do kill -9 "$p" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

fail() {
    echo "smoke_test: $*" >&2
    tail -n 5 "$work"/*.log >&2
    exit 1
}

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Three consecutive free ports. Another process may still take one first: start() notices.
pick_ports() {
    for _ in $(seq 100); do
        base=$((20000 + RANDOM % 12000))
        if port_is_free $base && port_is_free $((base + 1)) && port_is_free $((base + 2)); then
            return
        fi
    done
    fail "no free ports"
}

address() { echo "127.0.0.1:$((base + $1))"; }

start() {
    local i=$1
    local peers=()
    if [ "$i" = 0 ]; then peers=(--peers "$(address 1),$(address 2)"); fi
    "$server" --replica "$i" --listen "$(address "$i")" "${peers[@]}" --data "$work/data$i" --verbose \
        >>"$work/server$i.log" 2>&1 &
    pid[$i]=$!
    for _ in $(seq 100); do
        if ! port_is_free $((base + i)); then
            # Somebody listens there: this server, if it is still alive.
            sleep 0.1
            kill -0 "${pid[$i]}" 2>/dev/null && return 0
        fi
        kill -0 "${pid[$i]}" 2>/dev/null || fail "server $i ended"
        sleep 0.05
    done
    fail "server $i does not listen"
}

kill_hard() {
    kill -9 "${pid[$1]}"
    wait "${pid[$1]}" 2>/dev/null || true
}

kv() { timeout 20 "$client" --primary "$(address 0)" "$@"; }

put() { kv put "$1" "$2" || fail "put $1 failed"; }

expect() {
    local got
    got=$(kv get "$1") || fail "get $1 failed"
    [ "$got" = "$2" ] || fail "get $1 gave '$got', not '$2'"
}

pick_ports
for i in 0 1 2; do start $i; done

for i in 1 2 3 4 5; do put "key$i" "value$i"; done
kill_hard 1                                # a backup: the other one carries the writes
for i in 4 5 6 7 8; do put "key$i" "second$i"; done
kill_hard 0                                # the primary, with the log as it is
start 0
for i in 1 2 3; do expect "key$i" "value$i"; done
for i in 4 5 6 7 8; do expect "key$i" "second$i"; done
start 1                                    # catches up, and then is the only one
kill_hard 2
put key9 "with backup 1 alone"
kv del key1 || fail "del failed"
kill_hard 0
printf 'KWAL torn tail' >>"$work/data0/kv.wal"  # what a crash may leave behind the last record
start 0
expect key9 "with backup 1 alone"
expect key8 second8
code=0
kv get key1 2>/dev/null || code=$?
[ "$code" = 3 ] || fail "a deleted key: exit code $code"
kill_hard 1                                # no backup left: nothing can be committed
! timeout 20 "$client" --primary "$(address 0)" put key9 lost 2>/dev/null || fail "a put was answered without a backup"

kill -TERM "${pid[0]}"                     # the polite way
for _ in $(seq 50); do
    kill -0 "${pid[0]}" 2>/dev/null || { echo "smoke_test: passed"; exit 0; }
    sleep 0.1
done
fail "the primary does not stop"
