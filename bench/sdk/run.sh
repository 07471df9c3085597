#!/usr/bin/env bash
# The SDK against a bare gRPC server of this toolchain and against Dapr's Go SDK: one client, one
# run, the servers one after the other in every round, the median of the rounds. Prints Markdown:
# the figures, then what is asked of the SDK. By default 91 measurements and a million messages.
# Usage: bench/sdk/run.sh [ROUNDS] [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-7}
seconds=${2:-1}

build=build/release
cmake --preset release >/dev/null
cmake --build $build --target bench_client bare_server bench_component smallest-component >/dev/null
work=$(mktemp -d)
(cd bench/sdk/gosdk &&
  GONOSUMDB='github.com/dapr/*,github.com/dapr-sandbox/*' go build -o "$work/gosdk" .)
mkdir "$work/go"

pids=()
cleanup() {
  kill -KILL "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

$build/bench/sdk/bare_server "$work/bare.sock" & pids+=($!)
DAPR_COMPONENTS_SOCKETS_FOLDER=$work $build/bench/sdk/bench_component 2>/dev/null & pids+=($!)
ours=$!
DAPR_COMPONENTS_SOCKETS_FOLDER=$work $build/bench/sdk/bench_component feeder 2>/dev/null & pids+=($!)
feeder=$!
DAPR_COMPONENT_SOCKETS_FOLDER=$work/go "$work/gosdk" >/dev/null 2>&1 & pids+=($!)
go=$!
for socket in bare bench feeder go/bench; do
  for _ in $(seq 200); do [ -S "$work/$socket.sock" ] && break; sleep 0.05; done
done

client() { "$build/bench/sdk/bench_client" "$@"; }
# Resident and anonymous memory in MiB.
memory() { awk '/VmRSS|RssAnon/ { printf "%.1f ", $2 / 1024 }' "/proc/$1/status"; }

# measure NAME SERVER MODE SOCKET WINDOW: one line in the results
measure() { printf '%s %s %s\n' "$1" "$2" "$(client "$3" "$work/$4.sock" "$5" "$seconds")"; }

results=$work/results
for round in $(seq "$rounds"); do
  echo "round $round of $rounds, load $(cut -d " " -f 1 /proc/loadavg)" >&2
  for n in 1 8 32; do
    measure "state get and set, $n at once" bare state bare "$n"
    measure "state get and set, $n at once" ours state bench "$n"
    measure "state get and set, $n at once" go state go/bench "$n"
  done
  measure "stream, one message at a time" bare stream bare 1
  measure "stream, one message at a time" ours stream feeder 1
  measure "stream, 64 on the way" bare stream bare 64
  measure "stream, 64 on the way" ours stream feeder 64
  measure "published and acknowledged, 1 publisher" ours pubsub bench 1
  measure "published and acknowledged, 1 publisher" go pubsub go/bench 1
  measure "published and acknowledged, 32 publishers" ours pubsub bench 32
  measure "published and acknowledged, 32 publishers" go pubsub go/bench 32
done >"$results"

after="$(memory "$ours") $(memory "$go")"
before=$(memory "$feeder")
client count "$work/feeder.sock" 64 1000000 >/dev/null
python3 bench/sdk/report.py "$results" "$after" "$before $(memory "$feeder")"
