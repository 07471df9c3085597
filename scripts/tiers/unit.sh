#!/usr/bin/env bash
# Unit, golden and property tests, in the optimised build that is shipped; benchmarks must build.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then
  missing_commands cmake ninja c++
  exit 0
fi

build release
run_tests release -L 'unit|golden|property'
