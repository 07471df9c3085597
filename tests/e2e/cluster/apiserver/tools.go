//go:build tools

// Package controlplane pins the API server that the cluster tests run, with everything it needs.
package controlplane

import _ "k8s.io/kubernetes/cmd/kube-apiserver"
