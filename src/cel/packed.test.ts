import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEnvironment } from './environment.ts';
import { kubernetesLibraries } from './libraries/index.ts';
import { print } from './print.ts';
import { DYN } from './types.ts';

const environment = createEnvironment({
  variables: { object: DYN, containers: DYN },
  libraries: kubernetesLibraries(37),
});

const EXPRESSIONS = [
  'object.a.all(c, !has(c.b) || c.b == true)',
  "containers.filter(c, 'ALL' in c.?x.?drop.orValue([])).map(c, '\"' + c.?name.orValue('') + '\"').join(', ')",
  '9223372036854775807 - 1 == object.big && 1u < 2u',
  '-0.0 == object.zero ? [1.5, -1e300, 2.0] : []',
  "b'\\x00\\xff' == b'abc' || type(object.x) == int",
  "{'a': object.a, ?'b': object.?b}.size() > 1",
  "object.s.matches('^[a-z]+$') && quantity(object.q).isGreaterThan(quantity('1Gi'))",
  "url('https://example.com/').getHost() == object.host",
];

test('an expression compiled from its packed form is the same program', () => {
  for (const text of EXPRESSIONS) {
    const first = environment.compile(text);
    assert.ok(first.ok, text);
    const packed = first.program.packed();
    const again = environment.compile(text, { packed });
    assert.ok(again.ok, text);
    assert.deepEqual(again.program.plan, first.program.plan, text);
    assert.deepEqual(again.program.outputType, first.program.outputType);
    assert.deepEqual(again.program.ast.expr, first.program.ast.expr);
    assert.deepEqual([...again.program.ast.source.positions], [...first.program.ast.source.positions]);
    assert.equal(again.program.packed(), packed);
    assert.equal(print(again.program.ast), print(first.program.ast));
  }
});

test('text that does not hold a packed expression is an error, never another program', () => {
  for (const packed of ['', '{}', '{"expr":{"kind":"const"}}', 'null'])
    assert.throws(() => environment.compile('1 == 1', { packed }));
});
