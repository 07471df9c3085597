# Sourced by the demos: what they say while they work.

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi
step() { printf '\n%s== %s%s\n' "$bold" "$1" "$plain"; }

# with_progress WHAT LOG COMMAND...: runs the command with its output in LOG, and meanwhile says how
# long it has taken and the last line of the log: on a terminal always in the same line, else every
# 20 seconds in a new one. Shows the end of the log when the command fails.
with_progress() {
  local what=$1 log=$2 begin=$SECONDS ticker status=0
  shift 2
  mkdir -p "$(dirname "$log")"
  : >"$log"
  say_progress "$what" "$log" &
  ticker=$!
  # In the foreground, so that Ctrl-C ends it.
  "$@" >"$log" 2>&1 || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  if [ -t 1 ]; then printf '\r\033[K'; fi
  if [ "$status" -ne 0 ]; then
    tail -n 40 "$log" >&2
    echo "$what failed after $((SECONDS - begin)) s; the whole log is in $log" >&2
    return "$status"
  fi
  if [ $((SECONDS - begin)) -ge 5 ]; then echo "$what: done after $((SECONDS - begin)) s"; fi
}

say_progress() {
  local what=$1 log=$2 begin=$SECONDS last
  # Ends with the script, also when that is killed.
  while sleep 1 && kill -0 $$ 2>/dev/null; do
    last=$(tail -n 1 "$log" | tr -cd '[:print:]' | cut -c 1-60)
    if [ -t 1 ]; then
      printf '\r\033[K%s: %d s  %s' "$what" $((SECONDS - begin)) "$last"
    elif [ $(((SECONDS - begin) % 20)) -eq 0 ]; then
      printf '%s: %d s  %s\n' "$what" $((SECONDS - begin)) "$last"
    fi
  done
}

# build_demo TARGET...: the programs of this repository that a demo needs, in build/demo, lightly
# optimised and without tests: half the time of the build that is shipped. COMPONENT_SDK=ON asks for
# gRPC even if an earlier build was without.
build_demo() {
  with_progress "building $*" build/demo/build.log configure_and_build "$@"
}

configure_and_build() {
  cmake --preset release -B build/demo -DBUILD_TESTING=OFF \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O1 \
    -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=OFF ${COMPONENT_SDK:+"-DCOMPONENT_SDK=$COMPONENT_SDK"} &&
    cmake --build build/demo -j "$(nproc)" --target "$@"
}
