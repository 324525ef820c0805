// Command interop answers questions about the semantics that Rampart must share with Kubernetes, from the modules
// Kubernetes itself is built of. It is a test oracle and no part of the product.
package main

import "rampart.dev/test/interop/lines"

// commands holds the sub-commands. The init function of a command's file adds its own.
var commands = lines.Commands{}

func main() {
	lines.Main(commands)
}
