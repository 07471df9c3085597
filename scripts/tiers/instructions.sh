#!/usr/bin/env bash
# Speed without a clock: instructions of planning, against the reference of this toolchain.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then
  missing_commands cmake ninja c++ python3 valgrind
  exit 0
fi

build release planning_instructions
status=0
output=$(bench/instructions.py build/release/bench/planning_instructions) || status=$?
echo "$output"
read -r counted grown < <(sed -nE 's/^counted ([0-9]+), grown ([0-9]+)$/\1 \2/p' <<<"$output")
count $((${counted:-0} - ${grown:-0})) "${grown:-0}"
# As a tier that is skipped: where nothing may be, a toolchain without reference is a failure.
if [ "${counted:-0}" -eq 0 ] && [ "${CI:-}" = true ]; then exit 1; fi
exit "$status"
