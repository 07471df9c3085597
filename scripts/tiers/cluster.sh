#!/usr/bin/env bash
# The injector in a cluster: a real API server, our chart, its RBAC, and what goes wrong there.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then
  missing_commands cmake ninja c++ go python3 openssl ip unshare nsenter setpriv
  if [ "$(id -u)" != 0 ]; then echo "not root: the tests make network namespaces"; fi
  exit 0
fi

build release cluster_test_programs

log=build/release/cluster.log
status=0
tests/e2e/cluster/run.sh >"$log" 2>&1 || status=$?
grep -E '^  [^ ].*: ' "$log" || true # figures
total=$(sed -nE 's/^Ran ([0-9]+) tests?.*/\1/p' "$log")
failed=$(sed -nE 's/^FAILED \((.*)\)$/\1/p' "$log" |
  { grep -oE '(failures|errors)=[0-9]+' || true; } |
  awk -F= '{ n += $2 } END { print n + 0 }')
echo "${total:-0} tests, ${failed:-0} failed, log in $log"
count $((${total:-0} - ${failed:-0})) "${failed:-0}"
if [ "$status" -ne 0 ] || [ "${total:-0}" -eq 0 ]; then
  tail -c 20000 "$log"
  exit 1
fi
