#!/usr/bin/env bash
# Line coverage of patch/, k8s/ and webhook/ by the unit and golden tests: percent and name of each
# source file, the least covered first, and the total. Uses gcov, no other package.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tiers/build.bash

build coverage
find build/coverage -name '*.gcda' -delete
run_tests coverage -L 'unit|golden'

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
root=$PWD
cd "$folder"
find "$root/build/coverage" -name '*.gcda' -print0 |
  xargs -0 gcov --relative-only --source-prefix "$root" --json-format >/dev/null 2>&1
python3 - <<'PYTHON'
import glob, gzip, json

hit = {}
for name in glob.glob("*.gcov.json.gz"):
    for file in json.load(gzip.open(name))["files"]:
        if not file["file"].startswith(("patch/", "k8s/", "webhook/")):
            continue
        lines = hit.setdefault(file["file"], {})
        for line in file["lines"]:
            number = line["line_number"]
            lines[number] = lines.get(number, False) or line["count"] > 0
rows = sorted((sum(l.values()) / len(l), n, sum(l.values()), len(l)) for n, l in hit.items() if l)
for share, name, covered, total in rows:
    print(f"{100 * share:6.1f} %  {covered:5d}/{total:<5d}  {name}")
covered, total = sum(r[2] for r in rows), sum(r[3] for r in rows)
print(f"{100 * covered / max(total, 1):6.1f} %  {covered:5d}/{total:<5d}  total")
PYTHON
