#!/usr/bin/env bash
# Runs every check in this folder, or those named: `tests/lint/run.sh layering ascii`. One line
# each; findings below it. Exit code 1 when one fails, 3 when a tool is missing for one.
set -uo pipefail
cd "$(dirname "$0")" || exit

checks=("$@")
if [ "${#checks[@]}" -eq 0 ]; then
  mapfile -t checks < <(printf "%s\n" *.sh | sed "s/\.sh$//" | grep -vx run)
fi

tool_of() {
  case "$1" in
    format) echo clang-format-14 ;;
    shell) echo shellcheck ;;
    *) echo bash ;;
  esac
}

passed=0 failed=0 skipped=0
for check in "${checks[@]}"; do
  tool=$(tool_of "$check")
  if ! command -v "$tool" >/dev/null; then
    echo "lint: $check skipped: $tool is not installed"
    skipped=$((skipped + 1))
  elif findings=$("./$check.sh" 2>&1); then
    echo "lint: $check ok"
    passed=$((passed + 1))
  else
    printf 'lint: %s FAILED\n%s\n' "$check" "$findings"
    failed=$((failed + 1))
  fi
done

echo "lint: $passed passed, $failed failed, $skipped skipped"
if [ "$failed" -gt 0 ]; then exit 1; fi
if [ "$skipped" -gt 0 ]; then exit 3; fi
