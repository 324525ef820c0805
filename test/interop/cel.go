package main

import (
	"encoding/json"
)

func init() {
	commands["cel"] = func(request json.RawMessage) any { return nil }
}
