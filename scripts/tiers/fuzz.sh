#!/usr/bin/env bash
# Hostile input: each fuzz target for 20 s, and every input that once was a finding.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then
  missing_commands cmake ninja clang++-14 python3
  exit 0
fi

scripts/fuzz.sh --seconds 20
