#!/usr/bin/env bash
# Every test under AddressSanitizer and UndefinedBehaviorSanitizer.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then
  missing_commands cmake ninja c++ protoc grpc_cpp_plugin
  exit 0
fi

export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1
build asan unit_tests golden_and_property_tests component-injector component_tests
run_tests asan -L 'unit|golden|property|system|component'
