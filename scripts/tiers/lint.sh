#!/usr/bin/env bash
# Format, layering, limits, scripts, documents (tests/lint/).
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then exit 0; fi

status=0
output=$(tests/lint/run.sh) || status=$?
echo "$output"
count "$(grep -c ' ok$' <<<"$output")" "$(grep -c ' FAILED$' <<<"$output" || true)"
# A check without its tool is told above; where CI is set it counts as a failure.
if [ "$status" = 3 ] && [ "${CI:-}" != true ]; then status=0; fi
exit "$status"
