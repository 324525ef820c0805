// Command kyverno answers what Kyverno's own engines say of requests, compiled from its released module: compilers, autogen,
// matching, exceptions, evaluation and the webhooks' answers. It is a test oracle and no part of the product.
package main

import (
	"github.com/go-logr/logr"
	reportutils "github.com/kyverno/kyverno/pkg/utils/report"
	"k8s.io/klog/v2"
	"rampart.dev/test/interop/lines"
)

func main() {
	klog.SetLogger(logr.Discard())
	reportutils.NewReportingConfig(nil)
	lines.Main(lines.Commands{
		"validating": answerWith(newValidating),
		"mutating":   answerWith(newMutating),
		"existing":   answerWith(newExisting),
		"cluster":    answerWith(newClusterPolicy),
	})
}
