#!/usr/bin/env bash
# Builds the kube-apiserver of the version that apiserver/go.mod names, once, and prints its path.
# It is kept outside the tree, under a name that changes with go.mod and go.sum. About 5 minutes
# the first time on two cores.
set -euo pipefail
cd "$(dirname "$0")/apiserver"

version=$(sed -nE 's|^require k8s.io/kubernetes v(.*)$|\1|p' go.mod)
sum=$(cat go.mod go.sum | sha256sum | cut -c1-12)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/component-injector
program=$cache/kube-apiserver-$version-$sum

if [ ! -x "$program" ]; then
  mkdir -p "$cache"
  echo "building kube-apiserver $version" >&2
  # The version in its answer to GET /version comes from the linker, as in Kubernetes' own build.
  variables=k8s.io/component-base/version
  IFS=. read -r major minor _ <<<"$version"
  GOFLAGS=-mod=readonly go build -ldflags "-s -w -X $variables.gitVersion=v$version \
    -X $variables.gitMajor=$major -X $variables.gitMinor=$minor \
    -X $variables.gitTreeState=clean" -o "$program.$$" k8s.io/kubernetes/cmd/kube-apiserver >&2
  mv "$program.$$" "$program"
fi
echo "$program"
