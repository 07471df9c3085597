#!/usr/bin/env bash
# The installed package is enough to build a component: find_package, one target, nothing else.
# Usage: package_test.sh BUILD_FOLDER SMALLEST_MAIN
set -euo pipefail
build=$1
main=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --component sdk --prefix "$work/prefix" >/dev/null
cat >"$work/CMakeLists.txt" <<TEXT
cmake_minimum_required(VERSION 3.25)
project(my_component LANGUAGES CXX)
find_package(dapr_component_sdk REQUIRED)
add_executable(my-component $main)
target_link_libraries(my-component PRIVATE dapr_component_sdk::sdk)
TEXT
cmake -S "$work" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
cmake --build "$work/build" >/dev/null

DAPR_COMPONENTS_SOCKETS_FOLDER=$work/sockets "$work/build/my-component" &
pid=$!
for _ in $(seq 200); do
  if [ -S "$work/sockets/smallest.sock" ]; then break; fi
  sleep 0.05
done
test -S "$work/sockets/smallest.sock"
lines=$(wc -l <"$main")
echo "the smallest complete state store has $lines lines"
[ "$lines" -le 40 ]
kill "$pid"
wait "$pid"
