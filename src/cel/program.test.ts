import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { createEnvironment } from './environment.ts';
import { CelError } from './errors.ts';
import { bindings, kubernetesLibraries } from './libraries/index.ts';
import type { Outcome } from './outcome.ts';
import type { Engine, Program } from './program.ts';
import { Fields } from './runtime/select.ts';
import { DYN, object, type Type } from './types.ts';
import { CelMap, double, type Value } from './values.ts';

function compile(text: string, engine: Engine = 'auto'): Program {
  const environment = createEnvironment({
    variables: { object: DYN, x: DYN, y: DYN, variables: DYN },
    libraries: [...kubernetesLibraries(37), bindings],
    engine,
  });
  const compiled = environment.compile(text);
  assert.ok(compiled.ok, `${text}: ${inspect(compiled, { depth: 3 })}`);
  return compiled.program;
}

/** Both engines have to agree before one answer is looked at. */
function run(text: string, vars: object = {}, limit?: number): Outcome {
  const [exact, generated] = (['interpret', 'generate'] as const).map((engine) =>
    compile(text, engine).evaluate(vars, limit),
  );
  assert.deepEqual(generated, exact, text);
  return exact!;
}

function value(text: string, vars: object = {}): Value {
  const outcome = run(text, vars);
  assert.ok(outcome.ok, `${text}: ${inspect(outcome)}`);
  return outcome.value;
}

function error(text: string, vars: object = {}): string {
  const outcome = run(text, vars);
  assert.ok(!outcome.ok, `${text}: ${inspect(outcome)}`);
  return `${outcome.error.$code}: ${outcome.error.$message}`;
}

test('keys that every JavaScript object inherits are plain keys', () => {
  const names = [
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'valueOf',
    'length',
    'name',
    'at',
    'map',
  ];
  for (const name of names) {
    assert.equal(value(`has(object.${name})`, { object: {} }), false, name);
    assert.equal(error(`object.${name} == 1`, { object: {} }), `no-such-key: no such key: ${name}`);
    assert.equal(value(`'${name}' in object`, { object: {} }), false, name);
    assert.equal(value(`x in object`, { object: {}, x: name }), false, name);
    assert.equal(error(`object[x]`, { object: {}, x: name }), `no-such-key: no such key: ${name}`);
    assert.equal(value(`object.?${name}.hasValue()`, { object: {} }), false, name);
    const own = JSON.parse(`{"${name}": 7}`);
    assert.equal(
      value(`object.${name} == 7 && has(object.${name}) && '${name}' in object`, { object: own }),
      true,
    );
    assert.equal(value(`object[x] == 7 && x in object`, { object: own, x: name }), true, name);
    assert.equal(value(`object.${name}.${name}`, { object: { [name]: JSON.parse(`{"${name}": 1}`) } }), 1);
  }
});

test('selecting from what holds nothing', () => {
  for (const x of [null, 1, 'text', true, double(1.5), 9007199254740993n, new Uint8Array(2)]) {
    assert.equal(error('x.length', { x }), 'no-such-key: no such key: length');
    assert.equal(value('has(x.length)', { x }), false);
    assert.equal(error('x[0]', { x }), 'no-such-key: no such key: 0');
  }
  assert.equal(error('x.length', { x: [1] }), "no-such-overload: unsupported index type 'string' in list");
  assert.equal(error('x[1]', { x: [1] }), 'index-out-of-bounds: index out of bounds: 1');
  assert.equal(error('x[-1]', { x: [1] }), 'index-out-of-bounds: index out of bounds: -1');
  assert.equal(value('x[double(0)]', { x: [1] }), 1);
});

test('maps made by expressions are read as parsed ones are', () => {
  const map = new CelMap(new Map([['f', ['f', 1]]]));
  assert.equal(value('x.f == 1 && has(x.f) && !has(x.g) && "f" in x && x["f"] == 1', { x: map }), true);
  assert.equal(value('[x].all(m, m.f == 1)', { x: map }), true);
  assert.equal(value('x.?g.orValue(2)', { x: map }), 2);
  assert.equal(value('{"f": {"g": 3}}.f.g'), 3);
});

test('values with computed fields', () => {
  class Composed extends Fields {
    get $type(): Type {
      return object('variables');
    }
    $field(name: string): Value | undefined {
      if (name === 'broken') throw new CelError('division-by-zero', 'division by zero');
      return name === 'seven' ? 7 : undefined;
    }
  }
  const vars = { variables: new Composed() };
  assert.equal(value('variables.seven', vars), 7);
  assert.equal(value('variables.seven + variables.seven', vars), 14);
  assert.equal(error('variables.broken', vars), 'division-by-zero: division by zero');
  assert.equal(value('variables.broken == 1 || true', vars), true);
  assert.equal(error('variables.none', vars), 'no-such-key: no such key: none');
});

test('getters compute variables, and may fail', () => {
  const vars = {
    get x(): Value {
      throw new CelError('needs-user', 'nobody asked');
    },
    get y(): Value {
      return 2;
    },
  };
  assert.equal(value('y * 3', vars), 6);
  assert.equal(error('x == 1', vars), 'needs-user: nobody asked');
  assert.equal(value('true || x == 1', vars), true);
});

test('a variable without a value', () => {
  assert.equal(error('x'), 'no-such-attribute: no such attribute(s): x');
});

test('operators absorb errors as CEL says', () => {
  assert.equal(value('x.a == 1 || true', { x: {} }), true);
  assert.equal(value('true || x.a == 1', { x: {} }), true);
  assert.equal(value('x.a == 1 && false', { x: {} }), false);
  assert.equal(error('x.a == 1 && true', { x: {} }), 'no-such-key: no such key: a');
  assert.equal(value('[1, 0].exists(n, 1 / n == 1)'), true);
  assert.equal(value('[0, 1].exists(n, 1 / n == 1)'), true);
  assert.equal(error('[0, 2].exists(n, 1 / n == 1)'), 'division-by-zero: division by zero');
  assert.equal(value('[0, 2].all(n, 1 / n == 1)'), false);
  assert.equal(error('[1, 0].exists_one(n, 1 / n == 1)'), 'division-by-zero: division by zero');
  assert.equal(error('x ? 1 : 2', { x: 'no' }), 'no-such-overload: no such overload');
  assert.equal(error('x && true', { x: 3 }), 'no-such-overload: no such overload');
});

test('integers are 64 bits wide', () => {
  assert.equal(value('x + 1', { x: 9007199254740991 }), 9007199254740992n);
  assert.equal(value('x - 1', { x: 9007199254740992n }), 9007199254740991);
  assert.equal(error('x + 1', { x: 9223372036854775807n }), 'overflow: integer overflow');
  assert.equal(error('x * 2', { x: 9223372036854775807n }), 'overflow: integer overflow');
  assert.equal(value('x * -1', { x: 0 }), 0);
  assert.ok(Object.is(value('x * -1', { x: 0 }), 0));
  assert.ok(Object.is(value('-x', { x: 0 }), 0));
  assert.ok(Object.is(value('x / 5', { x: -1 }), 0));
  assert.ok(Object.is(value('x % 5', { x: -5 }), 0));
  assert.equal(value('x == 1.0 && 1.0 == x && x == 1u', { x: 1 }), true);
});

test('the budget ends an evaluation, and nothing absorbs that', () => {
  const text = '[1, 2, 3].all(a, [1, 2, 3].all(b, a * b > 0)) || true';
  const whole = run(text);
  assert.ok(whole.ok && whole.cost > 20);
  for (let limit = 0; limit < whole.cost; limit++) {
    const outcome = run(text, {}, limit);
    assert.ok(!outcome.ok && outcome.error.$code === 'cost-exceeded', `limit ${limit}`);
    assert.ok(outcome.cost > limit);
  }
  assert.deepEqual(run(text, {}, whole.cost), whole);
});

test('nested loops end on their cost', () => {
  const list = JSON.stringify(Array.from({ length: 30 }, (_, i) => i));
  const text = `${list}.all(a, ${list}.all(b, ${list}.all(c, ${list}.all(d, ${list}.all(e, a + b + c + d + e >= 0)))))`;
  const outcome = run(text);
  assert.ok(!outcome.ok && outcome.error.$code === 'cost-exceeded');
});

test('doubling a text ends on its cost, or on its size where operands are dyn', () => {
  const doubling = (wrap: (name: string) => string): string => {
    let text = `${wrap('v40')}.size()`;
    for (let i = 40; i > 0; i--)
      text = `cel.bind(v${i}, ${wrap(`v${i - 1}`)} + ${wrap(`v${i - 1}`)}, ${text})`;
    return `cel.bind(v0, "0123456789", ${text})`;
  };
  for (const text of [doubling((name) => name), doubling((name) => `dyn(${name})`)]) {
    const outcome = run(text);
    assert.ok(!outcome.ok && outcome.error.$code === 'cost-exceeded');
  }
});

test('the deadline ends an evaluation', () => {
  let now = 0;
  const deadline = { at: 100, now: () => now++ };
  for (const engine of ['interpret', 'generate'] as const) {
    now = 0;
    const list = JSON.stringify(Array.from({ length: 1000 }, (_, i) => i));
    const outcome = compile(`${list}.all(a, ${list}.all(b, a + b >= 0))`, engine).evaluate(
      {},
      1e12,
      deadline,
    );
    assert.ok(!outcome.ok && outcome.error.$code === 'deadline-exceeded', engine);
    const quick = compile('1 + 1 == 2', engine).evaluate({}, 1e6, {
      at: Number.POSITIVE_INFINITY,
      now: () => 0,
    });
    assert.ok(quick.ok);
  }
});

test('a program answers the same before and after code is generated for it', () => {
  const program = compile('x.all(e, e > 0)');
  const outcomes = Array.from({ length: 10 }, () => program.evaluate({ x: [1, 2, 3] }));
  for (const outcome of outcomes) assert.deepEqual(outcome, outcomes[0]);
});

test('a value bound but never read is neither computed nor counted', () => {
  assert.deepEqual(run('cel.bind(v, 1 / 0, true)'), { ok: true, value: true, cost: 0 });
  assert.deepEqual(run('cel.bind(v, x.a, x.b ? v == 1 : true)', { x: { a: 1, b: false } }), {
    ok: true,
    value: true,
    cost: 2,
  });
  assert.equal(value('cel.bind(v, x.a, x.b ? v == 1 : v == 2)', { x: { a: 1, b: true } }), true);
});

test('a list that is built does not change what it was built from', () => {
  assert.deepEqual(value('cel.bind(v, [], [v + [1], v + [2], v])'), [[1], [2], []]);
  assert.deepEqual(value('[[1], [2]].map(a, a + [3])'), [
    [1, 3],
    [2, 3],
  ]);
  assert.deepEqual(value('[1, 2].map(a, [3].map(b, a * b))'), [[3], [6]]);
});

test('conditionals hand their selections to both branches', () => {
  const vars = { x: { a: { f: { g: 1 } }, b: { f: { g: 2 } } }, y: false };
  assert.equal(value('(y ? x.a : x.b).f.g', vars), 2);
  assert.equal(value('[1, 2][y ? 0 : 1]', vars), 2);
  assert.equal(value('has((y ? x.a : x.b).f.h)', vars), false);
});

test('optional chains', () => {
  const x = { a: { b: null }, l: [1] };
  assert.equal(value('x.?a.?b.hasValue()', { x }), true);
  assert.equal(value('x.?z.b.c.hasValue()', { x }), false);
  assert.equal(value('x.?l[?0].orValue(5) + x.?l[?7].orValue(5)', { x }), 6);
  assert.deepEqual(value('[?x.?z, ?x.?l]', { x }), [[1]]);
  assert.equal(value('x.?z.or(x.?l).value().size()', { x }), 1);
  assert.equal(value('x.?a.optMap(v, v.b == null).orValue(false)', { x }), true);
  assert.equal(value('x.?z.optMap(v, v.b == null).orValue(false)', { x }), false);
});
