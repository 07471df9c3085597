#!/usr/bin/env bash
# Shows one admission from end to end on this machine, without a cluster: builds the program, starts
# the webhook on deploy/examples, sends it a real AdmissionReview over HTTPS, and prints what was
# decided and why, the patch, and the resulting pod with the injected lines marked.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/serve_examples.bash
. scripts/demo_steps.bash

case "${1:-}" in
  '') ;;
  --chain) exec scripts/demo_chain.sh ;;
  -h | --help)
    echo "Usage: scripts/demo.sh [--chain]    (installs missing packages, builds, shows, stops)"
    echo "  --chain  the whole way: pod, injector, containers in order, real daprd, application"
    exit 0
    ;;
  *)
    echo "demo.sh: takes --chain or nothing" >&2
    exit 2
    ;;
esac

folder=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap finish EXIT

# Prints the URL that the log names once the webhook is ready; fails when it ends before.
await_ready() {
  local tries
  for ((tries = 0; tries < 200; tries++)); do
    if grep -q 'msg="\?ready"\?' "$folder/serve.log"; then
      sed -nE 's/.*webhook on (https:[^" ]*).*/\1/p' "$folder/serve.log" | tail -n 1
      return
    fi
    if ! kill -0 "$server" 2>/dev/null; then break; fi
    sleep 0.05
  done
  cat "$folder/serve.log" >&2
  echo "demo.sh: the webhook did not become ready; its log is above" >&2
  return 1
}

begin=$SECONDS
step "packages and build (minutes the first time, seconds afterwards)"
scripts/install-packages.sh --minimal
build_demo component-injector
program=build/demo/webhook/component-injector
"$program" version | head -n 1
echo "ready after $((SECONDS - begin)) s"

step "the webhook starts on the Components in deploy/examples, with a certificate of its own"
make_trust_anchors "$folder"
"$program" serve --resources deploy/examples --listen-address 127.0.0.1 --port 0 \
  --healthz-listen-address 127.0.0.1 --healthz-port 0 --enable-metrics=false \
  --serving-certificate-out "$folder/serving.pem" >"$folder/serve.log" 2>&1 &
server=$!
url=$(await_ready)
echo "$url"

step "the API server's question: deploy/examples/review.json, a pod of the Deployment orders"
curl --silent --show-error --fail-with-body --max-time 10 --cacert "$folder/serving.pem" \
  -H 'Content-Type: application/json' --data-binary @deploy/examples/review.json \
  -o "$folder/response.json" -w 'POST %{url}: HTTP %{http_code} in %{time_total} s\n' "$url"

step "what was decided, and why (component-injector explain; the ids are in docs/reasons.md)"
"$program" explain -f deploy/examples/app.yaml --resources deploy/examples || [ $? = 1 ]

step "what the API server gets"
scripts/show_pod.py deploy/examples/review.json "$folder/response.json"

step "the webhook stops"
kill "$server"
wait "$server" || true
server=
grep -c '' "$folder/serve.log" | sed 's/$/ lines of log, the last ones:/'
tail -n 2 "$folder/serve.log"
echo
echo "Try it on your own manifests:"
echo "  $program explain -f YOUR.yaml --resources YOUR_COMPONENTS/"
echo "  $program inject  -f YOUR.yaml --resources YOUR_COMPONENTS/"
