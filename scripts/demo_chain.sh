#!/usr/bin/env bash
# Shows the whole way of a component on this machine, without a cluster: an annotated pod and its
# Components go through the injector; the resulting pod's containers run as local processes in the
# kubelet's order, with the real daprd; the application stores, publishes and reads.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/demo_steps.bash

export PYTHONDONTWRITEBYTECODE=1

# What would otherwise be found out after minutes of building.
check_machine() {
  local missing
  if ! command -v go >/dev/null; then
    echo "demo.sh: the real daprd is built with Go, which is not installed: https://go.dev/dl" >&2
    exit 1
  fi
  # From 1.21 on, Go fetches the version that daprd asks for by itself.
  if ! go version | grep -qE 'go(1\.(2[1-9]|[3-9][0-9])|[2-9])'; then
    echo "demo.sh: daprd needs Go 1.21 or later, and this is $(go version): https://go.dev/dl" >&2
    exit 1
  fi
  missing=$(PYTHONPATH=tests/e2e/chain python3 -c 'import own_network; print(own_network.enter())')
  if [ -n "$missing" ]; then
    echo "demo.sh: the pod gets a network of its own, and that cannot be made here: $missing" >&2
    echo "Run it as root, or where user namespaces are allowed." >&2
    exit 1
  fi
}

step "packages, this repository's programs, the real daprd (minutes the first time, then seconds)"
scripts/install-packages.sh
check_machine
COMPONENT_SDK=ON build_demo component-injector sqlite-state-component memory-pubsub-component
with_progress "building daprd (once, about 4 minutes on two cores)" build/demo/daprd.log \
  tests/e2e/components/build_daprd.sh -v
INJECTOR=$PWD/build/demo/webhook/component-injector
COMPONENTS=$PWD/build/demo/examples/components
DAPRD=$(tests/e2e/components/build_daprd.sh)
export INJECTOR COMPONENTS DAPRD
echo "daprd: $DAPRD"

step "the pod and its Components: tests/e2e/chain/pod.yaml, tests/e2e/chain/components/"
exec python3 tests/e2e/chain/show.py
