#!/usr/bin/env bash
# What runs on several threads, under ThreadSanitizer: the program's parts and the server.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then
  missing_commands cmake ninja c++
  exit 0
fi

export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
build tsan threaded_tests
run_tests tsan -L 'unit-threads|system'
