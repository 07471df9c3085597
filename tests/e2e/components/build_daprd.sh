#!/usr/bin/env bash
# Builds the real daprd of the version that daprd/go.mod names, once, and prints its path. It is
# kept outside the tree, under a name that changes with go.mod and go.sum. About 4 minutes the
# first time on two cores.
# Usage: tests/e2e/components/build_daprd.sh [FLAG OF GO BUILD...]
set -euo pipefail
cd "$(dirname "$0")/daprd"

version=$(sed -nE 's|^require github.com/dapr/dapr v(.*)$|\1|p' go.mod)
sum=$(cat go.mod go.sum | sha256sum | cut -c1-12)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/component-injector
program=$cache/daprd-$version-$sum

if [ ! -x "$program" ]; then
  mkdir -p "$cache"
  trap 'rm -f "$program.$$"' EXIT # when it is interrupted
  echo "building daprd $version, once, for about 4 minutes; it will be in $cache" >&2
  # The module is not in the public checksum database; go.sum pins it all the same.
  # Without the tag a daprd has no built-in components and ends at once.
  GONOSUMDB='github.com/dapr/*' GOFLAGS=-mod=readonly go build -tags stablecomponents \
    -ldflags "-s -w" "$@" -o "$program.$$" github.com/dapr/dapr/cmd/daprd >&2
  mv "$program.$$" "$program"
fi
echo "$program"
