import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { duration } from '../../stdlib/time.ts';
import { writeGoJson } from './go-json-write.ts';
import { fails, holds, refuses } from './testing.ts';

describe('json', () => {
  holds([
    'json.unmarshal(\'{"a": {"b": [1, true, null, "x"]}}\').a.b == [dyn(1), dyn(true), dyn(null), dyn(\'x\')]',
    // As encoding/json reads them.
    "type(json.unmarshal('1')) == double",
    'json.unmarshal(\'"\\\\ud800"\') == "\\ufffd"',
    "json.marshal({'b': dyn(1), 'a': dyn([1.0, 2.5])}) == '{\"a\":[1,2.5],\"b\":1}'",
    "json.marshal('<a&b>') == '\"\\\\u003ca\\\\u0026b\\\\u003e\"'",
    'json.marshal("a\\n\\u007f\\"") == \'"a\\\\n\\u007f\\\\""\'',
    "json.marshal(b'foo') == '\"Zm9v\"'",
    "json.marshal(9223372036854775807) == '9223372036854775807'",
    "json.marshal(7u) == '7'",
    "json.marshal(1e21) == '1e+21'",
    "json.marshal(0.0000001) == '1e-7'",
    "json.marshal(duration('1s')) == '1000000000'",
    "json.marshal(timestamp('2024-01-01T00:00:00Z')) == '\"2024-01-01T00:00:00Z\"'",
    "json.marshal(optional.of(1)) == '1'",
    "json.marshal({'a': quantity('1Gi')}) == '{\"a\":\"1Gi\"}'",
    'json.marshal(json.unmarshal(\'{"b":1,"a":[]}\')) == \'{"a":[],"b":1}\'',
  ]);
  fails({
    "json.unmarshal('')": 'unexpected end of JSON input',
    "json.unmarshal('x')": "invalid character 'x' looking for beginning of value",
    "json.unmarshal('[1,]')": "invalid character ']' looking for beginning of value",
    "json.unmarshal('{a: 1}')": "invalid character 'a' looking for beginning of object key string",
    'json.unmarshal(\'{"a" 1}\')': "invalid character '1' after object key",
    'json.unmarshal(\'{"a": 1 2}\')': "invalid character '2' after object key:value pair",
    "json.unmarshal('[1 2]')": "invalid character '2' after array element",
    "json.unmarshal('1 2')": "invalid character '2' after top-level value",
    "json.unmarshal('01')": "invalid character '1' after top-level value",
    "json.unmarshal('trux')": "invalid character 'x' in literal true (expecting 'e')",
    "json.unmarshal('-x')": "invalid character 'x' in numeric literal",
    "json.unmarshal('1.x')": "invalid character 'x' after decimal point in numeric literal",
    'json.unmarshal("\\"a\\nb\\"")': "invalid character '\\n' in string literal",
    "json.unmarshal('1e999')": 'json: cannot unmarshal number 1e999 into Go value of type float64',
    'json.unmarshal(1)': "unsupported type conversion from 'int' to string",
    'json.marshal(0.0 / 0.0)': 'json: unsupported value: NaN',
    'json.marshal({1: 2})':
      "json: failed to convert CEL map to native map: unsupported type conversion from 'int' to string",
  });
  fails({ 'json.encode(1)': 'operation cancelled: actual cost limit exceeded' });
  refuses({
    "json.unmarshal('1', '2')":
      "found no matching overload for 'unmarshal' applied to 'json.Json.(string, string)'",
  });
});

describe('json.encode', () => {
  it('writes what protobuf makes of a value', () => {
    assert.equal(
      writeGoJson({ b: 1, a: 9223372036854775807n }, 'protobuf'),
      '{"a":"9223372036854775807","b":1}',
    );
    assert.equal(writeGoJson(duration(90_000_000_000n), 'protobuf'), '"90s"');
  });
});
