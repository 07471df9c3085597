#!/usr/bin/env bash
# The tiers tell a skipped test from one that passed and has "Skipped" in its name.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

log=$(mktemp)
trap 'rm -f "$log"' EXIT

expect() {
  local found
  found=$(skipped_tests "$log")
  if [ "$found" != "$1" ]; then
    printf 'skipped_tests: expected "%s", found "%s" in\n' "$1" "$found"
    cat "$log"
    exit 1
  fi
}

cat >"$log" <<'TEXT'
    Start 1: Selection.MalformedOneIsSkipped
1/1 Test #1: Selection.MalformedOneIsSkipped ...   Passed    0.02 sec

100% tests passed, 0 tests failed out of 1
TEXT
expect ''

cat >"$log" <<'TEXT'
    Start 1: Selection.MalformedOneIsSkipped
1/2 Test #1: Selection.MalformedOneIsSkipped ...   Passed    0.02 sec
    Start 2: Server.Binds
2/2 Test #2: Server.Binds ......................***Skipped   0.00 sec

100% tests passed, 0 tests failed out of 2

The following tests did not run:
	  2 - Server.Binds (Skipped)
TEXT
expect 'skipped: Server.Binds'
