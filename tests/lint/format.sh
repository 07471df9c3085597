#!/usr/bin/env bash
# C++ is formatted by clang-format 14 (pinned: each version breaks lines elsewhere).
set -euo pipefail
cd "$(dirname "$0")/../.."

git ls-files -co --exclude-standard '*.h' '*.cc' |
  xargs -r -n 16 -P 2 clang-format-14 --dry-run -Werror
