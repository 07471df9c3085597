#!/usr/bin/env bash
# Builds a tool of the version that tools/go.mod names, once, and prints its path. It is kept
# outside the tree, under a name that changes with go.mod, go.sum and this script. Minutes the
# first time.
# Usage: tests/e2e/build_tool.sh helm|etcd
set -euo pipefail
cd "$(dirname "$0")/tools"

tool=${1:-}
case "$tool" in
  helm) module=helm.sh/helm/v3 package=helm.sh/helm/v3/cmd/helm ;;
  etcd) module=go.etcd.io/etcd/server/v3 package=$module ;;
  *)
    echo "usage: tests/e2e/build_tool.sh helm|etcd" >&2
    exit 2
    ;;
esac

version_of() { awk -v module="$1" '$1 == module { print $2; exit }' go.mod; }

version=$(version_of "$module")
sum=$(cat go.mod go.sum ../build_tool.sh | sha256sum | cut -c1-12)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/component-injector
program=$cache/$tool-$version-$sum

if [ ! -x "$program" ]; then
  mkdir -p "$cache"
  echo "building $tool $version" >&2
  flags="-s -w"
  if [ "$tool" = helm ]; then
    # As helm's own release does it: its version, and the Kubernetes version that `helm template`
    # and `helm lint` assume (1.37 for client-go v0.37.0; 1.20 when nobody says).
    minor=$(version_of k8s.io/client-go | cut -d. -f2)
    flags="$flags -X $module/internal/version.version=$version"
    for package_of_versions in pkg/lint/rules pkg/chartutil; do
      flags="$flags -X $module/$package_of_versions.k8sVersionMajor=1"
      flags="$flags -X $module/$package_of_versions.k8sVersionMinor=$minor"
    done
  fi
  GOFLAGS=-mod=readonly go build -ldflags "$flags" -o "$program.$$" "$package" >&2
  mv "$program.$$" "$program"
fi
echo "$program"
