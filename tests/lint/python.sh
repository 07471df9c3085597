#!/usr/bin/env bash
# Python scripts compile.
set -euo pipefail
cd "$(dirname "$0")/../.."

git ls-files -co --exclude-standard '*.py' |
  xargs -r python3 -c 'import sys
for name in sys.argv[1:]:
    compile(open(name, encoding="utf-8").read(), name, "exec")'
