#!/usr/bin/env bash
# The whole way in one run: annotated pod, injector, containers in order, real daprd, component, app.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then
  missing_commands cmake ninja c++ protoc grpc_cpp_plugin go python3 ip
  exit 0
fi

build release component-injector sqlite-state-component memory-pubsub-component
INJECTOR=$PWD/build/release/webhook/component-injector
COMPONENTS=$PWD/build/release/examples/components
DAPRD=$(tests/e2e/components/build_daprd.sh)
export INJECTOR COMPONENTS DAPRD
run_python_tests tests/e2e/chain build/release/chain-e2e.log
