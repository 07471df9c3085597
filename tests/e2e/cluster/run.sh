#!/usr/bin/env bash
# Runs the cluster tests: python3 -m unittest, in namespaces of their own for network, mounts and
# processes, so that nothing is left and nothing outside is touched.
# Usage: tests/e2e/cluster/run.sh [UNITTEST ARGUMENT...]
# Environment: INJECTOR, another program than the release build's; CLUSTER_FULL=1, the long form;
# CLUSTER_FIGURES, a file that gets a line for each figure measured.
set -euo pipefail
cd "$(dirname "$0")"

root=$(cd ../../.. && pwd)
KUBE_APISERVER=$(./build_apiserver.sh)
ETCD=$(../build_tool.sh etcd)
HELM=$(../build_tool.sh helm)
build=$root/build/release
INJECTOR=${INJECTOR:-$build/webhook/component-injector}
RANDOM_PODS=${RANDOM_PODS:-$build/tests/random_pods}
CONSTANT_WEBHOOK=${CONSTANT_WEBHOOK:-$build/tests/constant_webhook}
SHIFTED_CLOCK_LIBRARY=${SHIFTED_CLOCK_LIBRARY:-$build/tests/shifted_clock.so}
export KUBE_APISERVER ETCD HELM PYTHONDONTWRITEBYTECODE=1
export INJECTOR RANDOM_PODS CONSTANT_WEBHOOK SHIFTED_CLOCK_LIBRARY

if [ "$#" -eq 0 ]; then set -- discover -v; fi
CLUSTER_FOLDER=$(mktemp -d -t cluster-XXXXXX)
export CLUSTER_FOLDER

# unshare does not heed SIGTERM; when it is killed, the namespaces end with all that is in them.
tests=
finish() {
  if [ -n "$tests" ]; then kill -KILL "$tests" 2>/dev/null || true; fi
  rm -rf "$CLUSTER_FOLDER"
}
trap finish EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

unshare --net --mount --pid --fork --kill-child --mount-proc \
  python3 -W ignore -m unittest "$@" &
tests=$!
wait "$tests"
