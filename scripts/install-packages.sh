#!/usr/bin/env bash
# Installs the distribution's packages that building and testing need. Knows Debian 12 and 13 and
# Ubuntu 24.04; says nothing and returns at once when all of them are there.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/install-packages.sh [--minimal] [--bench] [--list]
  --minimal  only what building the program and scripts/demo.sh need
  --bench    also what bench/run.py needs
  --list     print the packages' names, install nothing
TEXT
}

readonly build_packages=(
  build-essential cmake ninja-build ccache pkg-config
  libsimdjson-dev libyaml-cpp-dev libcpp-httplib-dev nlohmann-json3-dev libspdlog-dev
  prometheus-cpp-dev libexpected-dev libcli11-dev libssl-dev libcurl4-openssl-dev
  curl openssl python3 python3-yaml)
readonly test_packages=(
  libgtest-dev libgmock-dev libbenchmark-dev binutils valgrind git jq iproute2 shellcheck
  python3-ruamel.yaml)
# The SDK for components, its examples and their tests.
readonly component_packages=(
  libgrpc-dev libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
  libsqlite3-dev)
# What bench/run.py needs besides.
readonly bench_packages=(wrk nginx-light gnuplot-nox)
# Pinned versions, so that everybody's formatting and findings are the same. A release of the
# distribution that has them no more builds and tests without them; lint says so.
readonly pinned_packages=(clang-format-14 clang-tidy-14 clang-14 libclang-rt-14-dev)

minimal=false
bench=false
list=false
for argument in "$@"; do
  case "$argument" in
    --minimal) minimal=true ;;
    --bench) bench=true ;;
    --list) list=true ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
done

# Prints those of its arguments that are not installed.
missing() {
  local installed
  installed=$(dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null |
    sed -n 's/^ii *//p' || true)
  comm -23 <(printf '%s\n' "$@" | sort -u) <(sort -u <<<"$installed")
}

# Prints those of its arguments that the configured archives offer.
offered() {
  local package
  for package in "$@"; do
    if apt-cache policy "$package" | grep -q '^  Candidate: [^(]'; then echo "$package"; fi
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "install-packages: these packages are missing and only root can install them:" >&2
    echo "  ${needed[*]}" >&2
    echo "Run this script as root, or install sudo." >&2
    exit 1
  fi
}

wanted=("${build_packages[@]}")
optional=()
if ! $minimal; then
  wanted+=("${test_packages[@]}" "${component_packages[@]}")
  optional+=("${pinned_packages[@]}")
fi
if $bench; then wanted+=("${bench_packages[@]}"); fi
if $list; then
  printf '%s\n' "${wanted[@]}" "${optional[@]}"
  exit 0
fi
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install-packages: this is no Debian or Ubuntu: install what --list prints by other means" >&2
  exit 1
fi

mapfile -t needed < <(missing "${wanted[@]}")
optional_missing=()
if [ "${#optional[@]}" -gt 0 ]; then mapfile -t optional_missing < <(missing "${optional[@]}"); fi
if [ "${#optional_missing[@]}" -gt 0 ]; then
  mapfile -t available < <(offered "${optional_missing[@]}")
  needed+=("${available[@]}")
fi
if [ "${#needed[@]}" -eq 0 ]; then exit 0; fi

echo "installing: ${needed[*]}"
as_root apt-get update -qq
# What the archives offer is known for certain only now.
if [ "${#optional_missing[@]}" -gt 0 ]; then
  mapfile -t available < <(offered "${optional_missing[@]}")
  mapfile -t needed < <(missing "${wanted[@]}" "${available[@]}")
fi
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  "${needed[@]}"
