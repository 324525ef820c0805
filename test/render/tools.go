//go:build tools

// Package render names the programs that the tests run, so that go.mod and go.sum pin all they are built from.
package render

import (
	_ "k8s.io/kubernetes/cmd/kubectl"
	_ "sigs.k8s.io/kustomize/kustomize/v5"
)
