#!/usr/bin/env bash
# Who may include whom, and the one home of each third-party header. CMake links only what is
# allowed; this catches a header that happens to be on the path anyway.
set -euo pipefail
cd "$(dirname "$0")/../.."

# folder: folders of the repository that its files may include.
readonly layers='
patch: patch
k8s: k8s
webhook: webhook patch k8s
sdk: dapr_component_sdk
runtime: runtime k8s proto
'

# Header (extended regular expression): the only sources that may include it. A file is named
# without its ending, so that a header and its source are one home.
readonly homes='
httplib\.h: webhook/http_engine
openssl/: webhook/certificate* webhook/tls_connection
curl/: k8s/curl_transport k8s/curl_exchange
yaml-cpp/: k8s/yaml k8s/yaml_writer k8s/yaml_scalar
simdjson\.h: patch/json_document patch/json_fault
CLI/: webhook/cli/command_line runtime/probe/command_line
spdlog/: webhook/log
prometheus/: webhook/metrics
'

set -f # patterns below are for [[ ]], not for the shell to expand
failed=0
finding() {
  echo "$1"
  failed=1
}

while IFS=': ' read -r folder allowed; do
  if [ -z "$folder" ] || [ ! -d "$folder" ]; then continue; fi
  while IFS=: read -r file line include; do
    # The SDK is built and installed apart from the repository: its files name each other directly.
    if [[ "$folder" = sdk && "$include" != *\"*/*\"* ]]; then continue; fi
    # What is made of proto/ stands in a folder of the build.
    if [[ "$folder" = runtime && "$include" == *.pb.h\" ]]; then continue; fi
    target=$(sed -E 's/.*"([^"\/]+)\/.*/\1/' <<<"$include")
    if [[ ! " $allowed " == *" $target "* ]]; then
      finding "$file:$line: $folder/ may include only from: $allowed; found ${include#*include }"
    fi
  done < <(git ls-files -co --exclude-standard "$folder/*.h" "$folder/*.cc" |
    xargs -r grep -nHE '^#include "' || true)
done <<<"$layers"

is_home() { # FILE HOMES
  local stem="${1%.*}" home
  for home in $2; do
    # shellcheck disable=SC2053 # homes are patterns
    if [[ "$stem" == $home ]]; then return 0; fi
  done
  return 1
}

while IFS=': ' read -r header allowed; do
  [ -n "$header" ] || continue
  while IFS=: read -r file line include; do
    if ! is_home "$file" "$allowed"; then
      finding "$file:$line: ${include#*include } belongs to: $allowed"
    fi
  done < <(git ls-files -co --exclude-standard 'patch/*' 'k8s/*' 'webhook/*' 'runtime/*' |
    grep -E '\.(h|cc)$' | xargs -r grep -nHE "^#include <$header" || true)
done <<<"$homes"

exit "$failed"
