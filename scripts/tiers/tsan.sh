#!/usr/bin/env bash
# What runs on several threads, under ThreadSanitizer: the program's parts, the server, components.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then
  missing_commands cmake ninja c++ protoc grpc_cpp_plugin
  exit 0
fi

export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
TSAN_OPTIONS+=:suppressions=$PWD/tests/support/tsan_suppressions.txt
build tsan threaded_tests component_tests
run_tests tsan -L 'unit-threads|system|component'
