#!/usr/bin/env bash
# Unit tests as they are debugged; golden and property tests as it is shipped; benchmarks build.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then
  missing_commands cmake ninja c++
  exit 0
fi

build dev unit_tests
run_tests dev -L unit
build release golden_and_property_tests planning_bench
run_tests release -L 'golden|property'
