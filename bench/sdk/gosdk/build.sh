#!/usr/bin/env bash
# Builds the components on Dapr's Go SDK at the path given, and prints the whole of that path.
set -euo pipefail
program=$(realpath -m "$1")
cd "$(dirname "$0")"
# These modules are not in the public checksum database; go.sum pins them all the same.
GONOSUMDB='github.com/dapr/*,github.com/dapr-sandbox/*' GOFLAGS=-mod=readonly \
  go build -o "$program" . >&2
echo "$program"
