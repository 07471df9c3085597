# Sourced by demo.sh and run_local.sh: how the webhook runs on deploy/examples, on this machine only.

# What a control plane would give the injector.
export SIDECAR_IMAGE=ghcr.io/dapr/daprd:1.18.3
export NAMESPACE=dapr-system
export SIDECAR_IMAGE_PULL_POLICY=IfNotPresent
export KUBE_CLUSTER_DOMAIN=cluster.local
export COMPONENT_WAIT_IMAGE=registry.example.com/component-injector:0.1.0

# make_trust_anchors FOLDER: a root certificate such as Dapr's Sentry has, in FOLDER/ca.crt.
make_trust_anchors() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 \
    -subj '/O=example/CN=trust-anchor' -keyout "$1/ca.key" -out "$1/ca.crt" 2>/dev/null
  export DAPR_TRUST_ANCHORS_FILE=$1/ca.crt
}
