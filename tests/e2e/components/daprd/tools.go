//go:build tools

// Package daprdtool pins the sidecar that the tests run, with everything it needs.
package daprdtool

import _ "github.com/dapr/dapr/cmd/daprd"
