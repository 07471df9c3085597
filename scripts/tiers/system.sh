#!/usr/bin/env bash
# The binary that is shipped, from outside: TLS, bad input, signals, command line.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then
  missing_commands cmake ninja c++
  exit 0
fi

build release component-injector
run_tests release -L system
