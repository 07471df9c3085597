#!/usr/bin/env bash
# Runs tiers of tests, those that this machine can run, and says which it could not and why.
set -euo pipefail
cd "$(dirname "$0")/.."

# Cheap ones first. A tier is a file in scripts/tiers/ that runs the tests, and with --missing
# prints what the machine lacks for it, or nothing.
readonly order=(lint unit system instructions chart asan tsan fuzz components chain cluster)

usage() {
  cat <<'TEXT'
Usage: scripts/test.sh [--list] [TIER...]
Runs the tiers named, or all of them, and ends with a summary.
  --list  print the tiers and what they are
A tier that the machine cannot run is skipped and the reason told; where the environment says
CI=true, a skip is a failure.
Missing packages are installed first (scripts/install-packages.sh); NO_INSTALL=1 leaves that out.
TEXT
}

description() { sed -n '2s/^# //p' "scripts/tiers/$1.sh"; }

tiers=()
for argument in "$@"; do
  case "$argument" in
    -h | --help)
      usage
      exit 0
      ;;
    --list)
      for tier in "${order[@]}"; do printf '%-12s %s\n' "$tier" "$(description "$tier")"; done
      exit 0
      ;;
    *)
      if [ ! -x "scripts/tiers/$argument.sh" ]; then
        echo "test.sh: there is no tier \"$argument\"; --list prints them" >&2
        exit 2
      fi
      tiers+=("$argument")
      ;;
  esac
done
if [ "${#tiers[@]}" -eq 0 ]; then tiers=("${order[@]}"); fi

if [ -z "${NO_INSTALL:-}" ]; then scripts/install-packages.sh; fi

counts=$(mktemp)
trap 'rm -f "$counts"' EXIT
export TIER_COUNTS=$counts

summary=()
failed_tiers=0
for tier in "${tiers[@]}"; do
  printf '\n=== %s: %s\n' "$tier" "$(description "$tier")"
  begin=$SECONDS
  missing=$("scripts/tiers/$tier.sh" --missing)
  if [ -n "$missing" ]; then
    outcome="skipped: $missing"
    if [ "${CI:-}" = true ]; then
      outcome="FAILED, skipped: $missing"
      failed_tiers=$((failed_tiers + 1))
    fi
  elif "scripts/tiers/$tier.sh"; then
    outcome=passed
  else
    outcome=FAILED
    failed_tiers=$((failed_tiers + 1))
  fi
  printf '=== %s: %s after %d s\n' "$tier" "$outcome" $((SECONDS - begin))
  summary+=("$(printf '%-12s %5d s  %s' "$tier" $((SECONDS - begin)) "$outcome")")
done

printf '\n=== summary\n'
printf '%s\n' "${summary[@]}"
read -r passed failed < <(awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }' "$counts")
# A tier that failed without a failed test (a build, a missing tool) counts as one.
if [ "$failed_tiers" -gt 0 ] && [ "$failed" -eq 0 ]; then failed=$failed_tiers; fi
echo "$passed passed, $failed failed"
[ "$failed_tiers" -eq 0 ]
