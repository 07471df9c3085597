#!/usr/bin/env bash
# Runs the cluster tests: python3 -m unittest, in namespaces of their own for network, mounts and
# processes, so that nothing is left and nothing outside is touched.
# Usage: tests/e2e/cluster/run.sh [UNITTEST ARGUMENT...]
# Environment: INJECTOR, RANDOM_PODS, CONSTANT_WEBHOOK: the programs (the release build's); CLUSTER_FULL=1, the long form;
# CLUSTER_FIGURES, a file that gets a line for each figure measured.
set -euo pipefail
cd "$(dirname "$0")"

root=$(cd ../../.. && pwd)
KUBE_APISERVER=$(./build_apiserver.sh)
ETCD=$(../build_tool.sh etcd)
HELM=$(../build_tool.sh helm)
INJECTOR=${INJECTOR:-$root/build/release/webhook/component-injector}
RANDOM_PODS=${RANDOM_PODS:-$root/build/release/tests/random_pods}
CONSTANT_WEBHOOK=${CONSTANT_WEBHOOK:-$root/build/release/tests/constant_webhook}
export KUBE_APISERVER ETCD HELM INJECTOR RANDOM_PODS CONSTANT_WEBHOOK PYTHONDONTWRITEBYTECODE=1

if [ "$#" -eq 0 ]; then set -- discover -v; fi
exec unshare --net --mount --pid --fork --kill-child --mount-proc \
  python3 -W ignore -m unittest "$@"
