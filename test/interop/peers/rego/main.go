// Command rego answers which checks of peers written in Rego report which objects: Trivy's and Kubescape's, run by Open
// Policy Agent as released. It is a test oracle and no part of the product.
package main

import "rampart.dev/test/interop/lines"

func main() {
	lines.Main(lines.Commands{"trivy": trivy, "kubescape": kubescape})
}
