package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strconv"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	apiservercel "k8s.io/apiserver/pkg/cel"
)

// tagged is a value whose type JSON cannot show: {"int": "1"}.
type tagged map[string]any

// encodeCel writes a value as JSON that keeps apart what CEL keeps apart: null, booleans and strings as they are,
// lists as {"list": [...]}, maps as {"map": [[key, value], ...]} in the order of their keys' encoding, the rest tagged
// by its type, numbers as text.
func encodeCel(value ref.Val) any {
	switch v := value.(type) {
	case types.Null:
		return tagged{"null": true}
	case types.Bool:
		return bool(v)
	case types.String:
		return string(v)
	case types.Int:
		return tagged{"int": strconv.FormatInt(int64(v), 10)}
	case types.Uint:
		return tagged{"uint": strconv.FormatUint(uint64(v), 10)}
	case types.Double:
		return tagged{"double": encodeDouble(float64(v))}
	case types.Bytes:
		return tagged{"bytes": base64.StdEncoding.EncodeToString(v)}
	case types.Timestamp:
		return tagged{"timestamp": v.Time.UTC().Format(time.RFC3339Nano)}
	case types.Duration:
		return tagged{"duration": strconv.FormatInt(int64(v.Duration), 10)}
	case *types.Optional:
		if !v.HasValue() {
			return tagged{"optional": []any{}}
		}
		return tagged{"optional": []any{encodeCel(v.GetValue())}}
	case ref.Type:
		return tagged{"type": v.TypeName()}
	case apiservercel.Quantity:
		return tagged{"quantity": v.Quantity.String()}
	case *apiservercel.Quantity:
		return tagged{"quantity": v.Quantity.String()}
	case apiservercel.URL:
		return tagged{"url": v.URL.String()}
	case *apiservercel.URL:
		return tagged{"url": v.URL.String()}
	case apiservercel.IP:
		return tagged{"ip": v.Addr.String()}
	case *apiservercel.IP:
		return tagged{"ip": v.Addr.String()}
	case apiservercel.CIDR:
		return tagged{"cidr": v.Prefix.String()}
	case *apiservercel.CIDR:
		return tagged{"cidr": v.Prefix.String()}
	case apiservercel.Semver:
		return tagged{"semver": v.Version.String()}
	case *apiservercel.Semver:
		return tagged{"semver": v.Version.String()}
	case apiservercel.Format:
		return tagged{"format": v.Name}
	case *apiservercel.Format:
		return tagged{"format": v.Name}
	case traits.Lister:
		return tagged{"list": encodeList(v)}
	case traits.Mapper:
		return tagged{"map": encodeMap(v)}
	}
	return tagged{"opaque": value.Type().TypeName()}
}

func encodeDouble(value float64) string {
	switch {
	case math.IsNaN(value):
		return "NaN"
	case math.IsInf(value, 1):
		return "Infinity"
	case math.IsInf(value, -1):
		return "-Infinity"
	}
	return strconv.FormatFloat(value, 'g', -1, 64)
}

func encodeList(list traits.Lister) []any {
	result := []any{}
	for it := list.Iterator(); it.HasNext() == types.True; {
		result = append(result, encodeCel(it.Next()))
	}
	return result
}

func encodeMap(m traits.Mapper) [][2]any {
	result := [][2]any{}
	order := map[string]int{}
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		result = append(result, [2]any{encodeCel(key), encodeCel(m.Get(key))})
	}
	texts := make([]string, len(result))
	for i, entry := range result {
		text, err := json.Marshal(entry[0])
		if err != nil {
			panic(fmt.Sprint("key of a map: ", err))
		}
		texts[i] = string(text)
		order[texts[i]] = i
	}
	sort.Strings(texts)
	sorted := make([][2]any, len(result))
	for i, text := range texts {
		sorted[i] = result[order[text]]
	}
	return sorted
}
