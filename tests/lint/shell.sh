#!/usr/bin/env bash
# Shell scripts pass shellcheck and can be executed.
set -euo pipefail
cd "$(dirname "$0")/../.."

mapfile -t scripts < <(git ls-files -co --exclude-standard '*.sh' '.ci/run')
shellcheck -x "${scripts[@]}"
for script in "${scripts[@]}"; do
  if [ ! -x "$script" ]; then
    echo "$script: not executable"
    exit 1
  fi
done
