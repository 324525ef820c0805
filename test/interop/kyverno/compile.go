package main

import (
	"sync"

	"github.com/kyverno/kyverno/pkg/cel/libs"
)

var compiling sync.Mutex

// compile runs what compiles a policy: compilers take the context of their libraries from a global variable.
func compile[T any](context libs.Context, run func() (T, error)) (T, error) {
	compiling.Lock()
	defer compiling.Unlock()
	libs.LibraryContext = context
	return run()
}
