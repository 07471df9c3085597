#!/usr/bin/env bash
# SDK and runtime of components: their tests, every example behind the real daprd and the probe.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/tiers/build.bash

if [ "${1:-}" = --missing ]; then
  missing_commands cmake ninja c++ protoc grpc_cpp_plugin go python3
  exit 0
fi

build release component_tests bench_client bare_server bench_component
run_tests release -L component

status=0
DAPRD=$(tests/e2e/components/build_daprd.sh)
COMPONENTS=$PWD/build/release/examples/components
export DAPRD COMPONENTS
run_python_tests tests/e2e/components build/release/components-e2e.log || status=1

PROBE=$PWD/build/release/runtime/component-probe
GO_COMPONENTS=$(bench/sdk/gosdk/build.sh build/release/go-components)
BROKEN=$PWD/build/release/tests/runtime/broken-component
export PROBE GO_COMPONENTS BROKEN
run_python_tests tests/e2e/probe build/release/probe-e2e.log || status=1
exit "$status"
