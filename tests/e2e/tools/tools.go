//go:build tools

// Package e2etools pins the programs that the tests of the chart and of the cluster run: helm and
// etcd. `go install` with a version refuses both, since their modules have replace directives.
package e2etools

import (
	_ "go.etcd.io/etcd/server/v3"
	_ "helm.sh/helm/v3/cmd/helm"
)
