#!/usr/bin/env bash
# Runs the fuzz targets of tests/fuzz with libFuzzer: first the inputs kept in the tree, then new
# ones for some time. Ends with a table; exit code 1 when anything was found.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tiers/build.bash

readonly work=build/fuzz/work
readonly all=(review container annotations manifest kubeconfig watch request connection)

usage() {
  cat <<'TEXT'
Usage: scripts/fuzz.sh [--seconds N] [--seed N] [--jobs N] [--no-build] [TARGET...]
  --seconds N  time for each target (60); 0: only the inputs of the tree
  --seed N     begin with nothing learned, and with this seed: much the same inputs each time, as
               many as there is time for. Else other ones each time
  --jobs N     targets at the same time (2)
Targets: review container annotations manifest kubeconfig watch request connection (all of them).
What a run learns is kept in build/fuzz/work/TARGET/corpus for the next one, what it finds in
build/fuzz/work/TARGET/findings. A finding is repeated with: build/fuzz/tests/fuzz/TARGET_fuzz FILE
TEXT
}

seconds=60
seed=0
parallel=2
build_first=true
targets=()
while [ "$#" -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2 && shift ;;
    --seed) seed=$2 && shift ;;
    --jobs) parallel=$2 && shift ;;
    --no-build) build_first=false ;;
    -h | --help) usage && exit 0 ;;
    -*) usage >&2 && exit 2 ;;
    *)
      if [ ! -f "tests/fuzz/$1_fuzz.cc" ]; then
        echo "fuzz.sh: there is no target \"$1\"" >&2
        exit 2
      fi
      targets+=("$1")
      ;;
  esac
  shift
done
if [ "${#targets[@]}" -eq 0 ]; then targets=("${all[@]}"); fi

dictionary_of() {
  case "$1" in
    manifest | kubeconfig) echo tests/fuzz/yaml.dict ;;
    request | connection) echo tests/fuzz/http.dict ;;
    *) echo tests/fuzz/json.dict ;;
  esac
}

# Longer than the largest seed, short enough for thousands of tries a second.
longest_of() {
  case "$1" in
    request) echo 18000 ;; # beyond the limit of a head
    review | watch | manifest) echo 20000 ;;
    *) echo 4096 ;;
  esac
}

# fuzz TARGET: its log ends with libFuzzer's figures; the exit code is that of the fuzzer.
fuzz() {
  local target=$1 folder=$work/$1 options learned=$work/$1/corpus
  mkdir -p "$folder/corpus" "$folder/findings" "$work/seeds/$target" "tests/fuzz/corpus/$target"
  options=("-dict=$(dictionary_of "$target")" "-max_len=$(longest_of "$target")"
    "-artifact_prefix=$folder/findings/" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1)
  # The inputs of the tree are run whatever the time, each of them.
  "build/fuzz/tests/fuzz/${target}_fuzz" "${options[@]}" -runs=0 "tests/fuzz/corpus/$target" \
    >"$folder/tree.log" 2>&1 || return 1
  if [ "$seconds" -eq 0 ]; then return 0; fi
  if [ "$seed" -gt 0 ]; then
    learned=$folder/seed
    rm -rf "$learned"
    mkdir "$learned"
  fi
  "build/fuzz/tests/fuzz/${target}_fuzz" "${options[@]}" "-max_total_time=$seconds" "-seed=$seed" \
    "$learned" "$work/seeds/$target" "tests/fuzz/corpus/$target" >"$folder/fuzz.log" 2>&1
}

# figure LOG NAME: one of libFuzzer's final figures.
figure() { sed -nE "s/^stat::$2: +([0-9]+)$/\1/p" "$1" | tail -n 1; }

report() { # TARGET OUTCOME
  local log=$work/$1/fuzz.log
  if [ "$seconds" -eq 0 ]; then log=$work/$1/tree.log; fi
  printf '%-12s %10s runs  %6s coverage  %6s inputs  %5s MB  %s\n' "$1" \
    "$(figure "$log" number_of_executed_units)" \
    "$(sed -nE 's/.* cov: ([0-9]+) .*/\1/p' "$log" | tail -n 1)" \
    "$(sed -nE 's/.* corp: ([0-9]+)\/.*/\1/p' "$log" | tail -n 1)" \
    "$(figure "$log" peak_rss_mb)" "$2"
}

show_finding() { # TARGET
  local log
  for log in "$work/$1/tree.log" "$work/$1/fuzz.log"; do
    if [ -f "$log" ] && grep -qE 'broken rule|ERROR: |runtime error' "$log"; then
      grep -E -A 12 'broken rule|ERROR: |runtime error' "$log" | cut -c 1-300 | head -n 40
      tail -n 3 "$log" | cut -c 1-300
    fi
  done
}

if $build_first; then build fuzz fuzz_targets; fi
rm -rf "$work/seeds"
mkdir -p "$work"
PYTHONDONTWRITEBYTECODE=1 python3 tests/fuzz/make_seeds.py "$work/seeds"
symbolizer=$(command -v llvm-symbolizer-14 llvm-symbolizer /usr/lib/llvm-14/bin/llvm-symbolizer |
  head -n 1 || true)
export ASAN_OPTIONS="strict_string_checks=1:malloc_context_size=8${symbolizer:+:external_symbolizer_path=$symbolizer}"
export UBSAN_OPTIONS=print_stacktrace=1

declare -A running=()
declare -A outcome=()
finish_one() {
  local pid status=0
  wait -n -p pid "${!running[@]}" || status=$?
  outcome[${running[$pid]}]=$status
  unset "running[$pid]"
}
for target in "${targets[@]}"; do
  while [ "${#running[@]}" -ge "$parallel" ]; do finish_one; done
  rm -f "$work/$target/tree.log" "$work/$target/fuzz.log"
  fuzz "$target" &
  running[$!]=$target
done
while [ "${#running[@]}" -gt 0 ]; do finish_one; done

failed=0
for target in "${targets[@]}"; do
  if [ "${outcome[$target]}" -eq 0 ]; then
    report "$target" passed
    continue
  fi
  failed=$((failed + 1))
  report "$target" FAILED
  show_finding "$target"
done
count $((${#targets[@]} - failed)) "$failed"
[ "$failed" -eq 0 ]
