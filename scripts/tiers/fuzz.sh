#!/usr/bin/env bash
# Hostile input: each fuzz target for 20 s, and every input that once was a finding.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then
  missing_commands cmake ninja clang++-14 python3
  exit 0
fi

# Much the same inputs each time: whether a change is good must not depend on chance. New ones are for
# `make fuzz` and longer runs.
scripts/fuzz.sh --seconds 20 --seed 1
