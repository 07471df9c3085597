#!/usr/bin/env bash
# Renders the chart into deploy/manifests, for those who do not use Helm.
# Usage: scripts/render-manifests.sh [--check]   (--check: says what is not current, writes nothing)
set -euo pipefail
cd "$(dirname "$0")/.."

readonly target=deploy/manifests/component-injector.yaml
helm=${HELM:-$(tests/e2e/build_tool.sh helm)}

render() {
  cat <<'TEXT'
# Rendered from charts/component-injector by scripts/render-manifests.sh: change the chart.
# For Kubernetes 1.28 or newer, in the namespace dapr-system of a Dapr control plane whose own
# injector is disabled. kustomization.yaml sets the image; docs/install.md tells the steps.
TEXT
  # Hooks and labels of Helm mean nothing here.
  "$helm" template component-injector charts/component-injector --namespace dapr-system \
    --kube-version 1.28.0 --no-hooks |
    sed -E '/^ *(app\.kubernetes\.io\/managed-by|helm\.sh\/chart): /d; /^# Source: /d'
}

case "${1:-}" in
  '') render >"$target" ;;
  --check)
    if ! render | diff -u "$target" -; then
      echo "$target is not current: run scripts/render-manifests.sh"
      exit 1
    fi
    ;;
  *)
    echo "usage: scripts/render-manifests.sh [--check]" >&2
    exit 2
    ;;
esac
