#!/usr/bin/env bash
# The chart's values, their schema and their table say the same.
set -euo pipefail
cd "$(dirname "$0")/../.."

python3 tests/lint/chart.py
