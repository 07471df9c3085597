#!/usr/bin/env bash
# Limits of length: a header is read in one go (120 lines), a source file is one subject (400), a
# test file one unit (500), a line 100 columns.
set -euo pipefail
cd "$(dirname "$0")/../.."

failed=0
check() { # LIMIT FILE...
  local limit=$1 file lines
  shift
  for file in "$@"; do
    lines=$(wc -l <"$file")
    if [ "$lines" -gt "$limit" ]; then
      echo "$file: $lines lines, at most $limit"
      failed=1
    fi
  done
}

mapfile -t sources < <(git ls-files -co --exclude-standard '*.h' '*.cc')
headers=() code=() tests=()
for file in "${sources[@]}"; do
  case "$file" in
    tests/*.cc | bench/*.cc) tests+=("$file") ;;
    *.h) headers+=("$file") ;;
    *) code+=("$file") ;;
  esac
done
check 120 "${headers[@]}"
check 400 "${code[@]}"
check 500 "${tests[@]}"

long=$(awk 'length($0) > 100 { print FILENAME ":" FNR ": " length($0) " columns, at most 100" }' \
  "${sources[@]}")
if [ -n "$long" ]; then
  echo "$long"
  failed=1
fi
exit "$failed"
