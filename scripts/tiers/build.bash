# Sourced by the tiers: how they build, run ctest, and hand their counts to scripts/test.sh.
# Each tier runs in the repository's root.

readonly jobs=2 # what the machines that check every change have

# build PRESET [TARGET...]: configures and builds quietly; the log is shown when it fails.
build() {
  local preset=$1 log
  shift
  log="build/$preset/build.log"
  mkdir -p "build/$preset"
  echo "building with preset $preset${*:+ ($*)}, log in $log"
  if ! { cmake --preset "$preset" && cmake --build "build/$preset" -j "$jobs" ${1:+--target "$@"}; } \
    >"$log" 2>&1; then
    grep -E -A 12 'error|FAILED|CMake Error' "$log" | tail -n 80
    echo "the build failed; the whole log is in $log"
    return 1
  fi
}

# run_tests PRESET [CTEST ARGUMENT...]: runs the tests chosen; no test at all is a failure, and so
# is a skipped one where CI is set.
run_tests() {
  local preset=$1 log status=0
  shift
  log="build/$preset/ctest.log"
  ctest --test-dir "build/$preset" -j "$jobs" --output-on-failure --no-tests=error "$@" \
    >"$log" 2>&1 || status=$?
  sed -n '/tests passed/,$p' "$log"
  add_counts "$log"
  if [ "$status" -ne 0 ]; then
    grep -v -E '^ *(Start|[0-9]+/[0-9]+ Test .* Passed)' "$log" | tail -n 200
    return "$status"
  fi
  local skipped
  skipped=$(skipped_tests "$log")
  if [ -n "$skipped" ]; then
    echo "$skipped"
    if [ "${CI:-}" = true ]; then
      echo "in CI no test may be skipped"
      return 1
    fi
  fi
}

# skipped_tests LOG: a line for each test that ctest did not run, and none for one that passed,
# whatever its name.
skipped_tests() {
  sed -nE 's/^[[:space:]]*[0-9]+ - (.*) \((Skipped|Disabled|Not Run)\)$/skipped: \1/p' "$1"
}

# Adds ctest's "100% tests passed, 0 tests failed out of 57" to the tier's counts.
add_counts() {
  local failed total
  read -r failed total < <(sed -nE 's/.* ([0-9]+) tests? failed out of ([0-9]+).*/\1 \2/p' "$1")
  count $((${total:-0} - ${failed:-0})) "${failed:-0}"
}

# count PASSED FAILED
count() { echo "$1 $2" >>"${TIER_COUNTS:-/dev/null}"; }

# missing_commands NAME...: prints those that are not installed, for a tier's reason to be skipped.
missing_commands() {
  local name missing=()
  for name in "$@"; do
    command -v "$name" >/dev/null || missing+=("$name")
  done
  if [ "${#missing[@]}" -gt 0 ]; then echo "not installed: ${missing[*]}"; fi
}

# run_python_tests FOLDER LOG: the unittest modules of the folder, counted as the others are. What
# several folders share is found from tests/e2e.
run_python_tests() {
  local folder=$1 log=$2 status=0 total failed
  PYTHONPATH=tests/e2e PYTHONDONTWRITEBYTECODE=1 \
    python3 -W ignore -m unittest discover -v -s "$folder" >"$log" 2>&1 || status=$?
  total=$(sed -nE 's/^Ran ([0-9]+) tests?.*/\1/p' "$log")
  failed=$(sed -nE 's/^FAILED \((.*)\)$/\1/p' "$log" |
    { grep -oE '(failures|errors)=[0-9]+' || true; } |
    awk -F= '{ n += $2 } END { print n + 0 }')
  echo "$folder: ${total:-0} tests, ${failed:-0} failed, log in $log"
  count $((${total:-0} - ${failed:-0})) "${failed:-0}"
  if [ "$status" -ne 0 ] || [ "${total:-0}" -eq 0 ]; then
    tail -c 20000 "$log"
    return 1
  fi
  if grep -q '\.\.\. skipped' "$log"; then
    grep '\.\.\. skipped' "$log"
    if [ "${CI:-}" = true ]; then
      echo "in CI no test may be skipped"
      return 1
    fi
  fi
}
