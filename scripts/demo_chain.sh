#!/usr/bin/env bash
# Shows the whole way of a component on this machine, without a cluster: an annotated pod and its
# Components go through the injector; the resulting pod's containers run as local processes in the
# kubelet's order, with the real daprd; the application stores, publishes and reads.
set -euo pipefail
cd "$(dirname "$0")/.."

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi
step() { printf '\n%s== %s%s\n' "$bold" "$1" "$plain"; }

step "packages and build (about 10 minutes the first time, seconds afterwards)"
scripts/install-packages.sh
if ! command -v go >/dev/null; then
  echo "demo.sh: the real daprd is built with Go, which is not installed: https://go.dev/dl" >&2
  exit 1
fi
log=build/demo/build.log
mkdir -p build/demo
if ! { cmake --preset release -B build/demo -DBUILD_TESTING=OFF -DCOMPONENT_SDK=ON \
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O1 \
  -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=OFF &&
  cmake --build build/demo -j "$(nproc)" \
    --target component-injector sqlite-state-component memory-pubsub-component; } >"$log" 2>&1; then
  tail -n 40 "$log" >&2
  echo "demo.sh: the build failed; the whole log is in $log" >&2
  exit 1
fi
INJECTOR=$PWD/build/demo/webhook/component-injector
COMPONENTS=$PWD/build/demo/examples/components
DAPRD=$(tests/e2e/components/build_daprd.sh)
export INJECTOR COMPONENTS DAPRD

step "the pod and its Components: tests/e2e/chain/pod.yaml, tests/e2e/chain/components/"
PYTHONDONTWRITEBYTECODE=1 exec python3 tests/e2e/chain/show.py
