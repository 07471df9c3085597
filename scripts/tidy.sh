#!/usr/bin/env bash
# clang-tidy-14 over the sources of the program, or over the files named, with the settings of
# .clang-tidy. Needs a configured build/dev.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -f build/dev/compile_commands.json ] || cmake --preset dev >/dev/null
files=("$@")
if [ "${#files[@]}" -eq 0 ]; then
  mapfile -t files < <(git ls-files 'patch/*.cc' 'k8s/*.cc' 'webhook/*.cc')
fi
printf '%s\n' "${files[@]}" |
  xargs -n 1 -P "${JOBS:-2}" clang-tidy-14 --quiet -p build/dev 2>/dev/null
