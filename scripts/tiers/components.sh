#!/usr/bin/env bash
# The SDK for components: its tests, and every example behind the real daprd.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then
  missing_commands cmake ninja c++ protoc grpc_cpp_plugin go python3
  exit 0
fi

build release component_tests bench_client bare_server bench_component
run_tests release -L component

daprd=$(tests/e2e/components/build_daprd.sh)
log=build/release/components-e2e.log
status=0
DAPRD=$daprd COMPONENTS=$PWD/build/release/examples/components PYTHONDONTWRITEBYTECODE=1 \
  python3 -W ignore -m unittest discover -v -s tests/e2e/components >"$log" 2>&1 || status=$?
total=$(sed -nE 's/^Ran ([0-9]+) tests?.*/\1/p' "$log")
failed=$(sed -nE 's/^FAILED \((.*)\)$/\1/p' "$log" |
  { grep -oE '(failures|errors)=[0-9]+' || true; } |
  awk -F= '{ n += $2 } END { print n + 0 }')
echo "daprd: ${total:-0} tests, ${failed:-0} failed, log in $log"
count $((${total:-0} - ${failed:-0})) "${failed:-0}"
if [ "$status" -ne 0 ] || [ "${total:-0}" -eq 0 ]; then
  tail -c 20000 "$log"
  exit 1
fi
if grep -q '\.\.\. skipped' "$log"; then
  grep '\.\.\. skipped' "$log"
  if [ "${CI:-}" = true ]; then
    echo "in CI no test may be skipped"
    exit 1
  fi
fi
