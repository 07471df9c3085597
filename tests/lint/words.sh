#!/usr/bin/env bash
# Words that must not be in the repository: notes to oneself, and paths of one machine.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Assembled, so that this file does not find itself.
readonly notes="\\b(TO""DO|FIX""ME|XX""X)\\b"
readonly paths="(^|[^A-Za-z0-9_.-])/(wo""rk|ro""ot|ho""me/[a-z])(/|\\b)"

found=$(git ls-files -co --exclude-standard |
  xargs -r -d '\n' grep -nHIE "$notes|$paths" || true)
if [ -n "$found" ]; then
  echo "$found"
  echo "words: do it, or file it; write paths relative to the repository"
  exit 1
fi
