package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"
)

func init() {
	commands["yaml"] = yamlStream
}

type yamlAnswer struct {
	// Documents holds what was read before the end or the first error. Every value says its type: ["s", "text"],
	// ["i", "1"], ["f", the bits of the float64 in hex], ["b", true], ["n"], ["l", [...]], ["m", {...}].
	Documents [][]any `json:"documents"`
	// Error ended the reading.
	Error string `json:"error,omitempty"`
	// Strict is the complaint of YAMLToJSONStrict about the whole text as one document.
	Strict string `json:"strict,omitempty"`
}

// yamlStream reads a text as kubectl does: cut into documents, each converted to JSON by sigs.k8s.io/yaml, and then
// decoded as the API server decodes JSON.
func yamlStream(request json.RawMessage) any {
	var text string
	if err := json.Unmarshal(request, &text); err != nil {
		return yamlAnswer{Error: err.Error()}
	}
	answer := yamlAnswer{Documents: [][]any{}}
	if _, err := sigsyaml.YAMLToJSONStrict([]byte(text)); err != nil {
		answer.Strict = err.Error()
	}
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err == io.EOF {
			return answer
		} else if err != nil {
			answer.Error = err.Error()
			return answer
		}
		value := any(nil)
		if len(raw) > 0 {
			if err := utiljson.Unmarshal(raw, &value); err != nil {
				answer.Error = err.Error()
				return answer
			}
		}
		answer.Documents = append(answer.Documents, typed(value))
	}
}

func typed(value any) []any {
	switch v := value.(type) {
	case nil:
		return []any{"n"}
	case bool:
		return []any{"b", v}
	case string:
		return []any{"s", v}
	case int64:
		return []any{"i", strconv.FormatInt(v, 10)}
	case float64:
		return []any{"f", strconv.FormatUint(math.Float64bits(v), 16)}
	case []any:
		items := make([][]any, len(v))
		for i, item := range v {
			items[i] = typed(item)
		}
		return []any{"l", items}
	case map[string]any:
		fields := make(map[string][]any, len(v))
		for name, field := range v {
			fields[name] = typed(field)
		}
		return []any{"m", fields}
	default:
		panic(fmt.Sprintf("no JSON value: %T", value))
	}
}
