#!/usr/bin/env bash
# Sources are ASCII: what looks like one character is one byte, in every editor and diff.
set -euo pipefail
cd "$(dirname "$0")/../.."

found=$(git ls-files -co --exclude-standard '*.h' '*.cc' '*.sh' '*.py' '*.cmake' '*CMakeLists.txt' \
  'Makefile' '*.json' '*.yaml' |
  grep -v '^tests/fixtures/' |
  LC_ALL=C xargs -r grep -nHP '[^\x00-\x7F]' || true)
if [ -n "$found" ]; then
  echo "$found"
  echo "ascii: write these characters as escapes"
  exit 1
fi
