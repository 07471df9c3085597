#!/usr/bin/env bash
# A function that returns a Result says [[nodiscard]]: tl::expected does not say it itself, and an
# error that nobody looks at is lost.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Looks at each declaration and the line before it, where the attribute may stand.
# shellcheck disable=SC2016 # the dollars are awk's
found=$(git ls-files -co --exclude-standard 'patch/*.h' 'k8s/*.h' 'webhook/*.h' 'sdk/*.h' \
  'runtime/*.h' |
  xargs -r awk '
    FNR == 1 { before = "" }
    /^ *(static |virtual |inline |constexpr |friend )*([a-z0-9_]+::)*Result<.*> *[A-Za-z_]+\(/ ||
    /^ *(static |virtual |inline )*([a-z0-9_]+::)*Result<.*> *$/ {
      if ($0 !~ /nodiscard/ && before !~ /nodiscard/) print FILENAME ":" FNR ":" $0
    }
    { before = $0 }')
if [ -n "$found" ]; then
  echo "$found"
  echo "nodiscard: these return a Result without [[nodiscard]]"
  exit 1
fi
