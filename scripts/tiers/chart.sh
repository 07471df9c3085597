#!/usr/bin/env bash
# The Helm chart: rendered with many values, refusals, the manifests made from it.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then
  missing_commands go python3
  exit 0
fi

HELM=$(tests/e2e/build_tool.sh helm)
export HELM PYTHONDONTWRITEBYTECODE=1
mkdir -p build
log=build/chart-tests.log
status=0
python3 -m unittest discover -v -s tests/chart -p '*_test.py' >"$log" 2>&1 || status=$?
total=$(sed -nE 's/^Ran ([0-9]+) tests?.*/\1/p' "$log")
failed=$(sed -nE 's/^FAILED \((.*)\)$/\1/p' "$log" |
  { grep -oE '(failures|errors)=[0-9]+' || true; } |
  awk -F= '{ n += $2 } END { print n + 0 }')
echo "chart: ${total:-0} tests, ${failed:-0} failed, log in $log"
count $((${total:-0} - ${failed:-0})) "${failed:-0}"
if [ "$status" -ne 0 ] || [ "${total:-0}" -eq 0 ]; then
  tail -c 20000 "$log"
  exit 1
fi
