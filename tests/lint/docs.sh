#!/usr/bin/env bash
# Documents name the annotations, flags, variables, errors and metrics that the program has.
set -euo pipefail
cd "$(dirname "$0")/../.."
python3 tests/lint/docs.py
