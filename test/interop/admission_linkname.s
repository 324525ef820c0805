// Lets admission.go declare a function without a body, which go:linkname finds elsewhere.
