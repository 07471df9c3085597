#!/usr/bin/env bash
# Runs the webhook of the debug build on deploy/examples until Ctrl-C, on this machine only.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/serve_examples.bash

mkdir -p build/local
make_trust_anchors build/local
echo "try: curl --cacert build/local/serving.pem -H 'Content-Type: application/json' \\"
echo "       --data-binary @deploy/examples/review.json https://localhost:4000/mutate"
exec build/dev/webhook/component-injector serve --resources deploy/examples \
  --listen-address 127.0.0.1 --healthz-listen-address 127.0.0.1 \
  --metrics-listen-address 127.0.0.1 --serving-certificate-out build/local/serving.pem
