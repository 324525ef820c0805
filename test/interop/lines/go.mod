module rampart.dev/test/interop/lines

go 1.26.0
