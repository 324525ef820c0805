import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Ast, Expr } from './ast.ts';
import { optionalLibrary } from './optional.ts';
import { parse } from './parser.ts';
import { print } from './print.ts';

const MACROS = optionalLibrary.macros ?? [];

function parsed(text: string): Ast {
  const result = parse(text, { macros: MACROS });
  if ('issues' in result) assert.fail(`${text}: ${result.issues[0]!.message}`);
  return result.ast;
}

/** The tree without ids. */
function shape(expr: Expr): unknown {
  return JSON.parse(
    JSON.stringify(expr, (key, value: unknown) => {
      if (key === 'id') return undefined;
      if (Object.is(value, -0)) return '-0';
      return typeof value === 'bigint' ? `${value}n` : value;
    }),
  );
}

const SAME = [
  'a && b && c || d',
  'a && (b && c)',
  '((a && b) && c) && d',
  'a.b["c"].?d[?e].`f-g`',
  'a ? b : c ? d : e',
  '(a ? b : c) ? d : (e ? f : g)',
  'a.map(x, x > 0, [x, ?y]).all(k, has(k.v))',
  'x.optMap(v, v + 1).orValue(-1)',
  '-(1) - -1 - -(-a) - (-1).b - -(1.0.c)',
  '!(!a)',
  '(a + b) * c - d / (e % f) - (g - h)',
  'a < (b < c) == (d in [e])',
  'pkg.Type{a: 1, ?`b-c`: 2u}.a',
  '{?"k": b"\\x00\\xff\\"", 1.5e300: \'\\u00e9\\\\\'}',
  '.a.b.f(.g(), null, true)',
  '5.0 == 1e6 && -0.0 < 0.1',
];

for (const text of SAME) {
  test(`prints what parses to the same tree: ${text}`, () => {
    const ast = parsed(text);
    assert.deepEqual(shape(parsed(print(ast)).expr), shape(ast.expr));
  });
}

test('prints without needless parentheses', () => {
  for (const text of [
    'a && b && c && d && e',
    'a + b * c - d',
    'a ? b : c',
    '!a.b(c)[d]',
    '-a',
    'a.exists(x, x == 1)',
  ]) {
    assert.equal(print(parsed(text)), text);
  }
});

test('prints a part, with the macros inside it', () => {
  const ast = parsed('a == b.map(x, x)');
  assert.ok(ast.expr.kind === 'call');
  assert.equal(print(ast, ast.expr.args[1]), 'b.map(x, x)');
});

/** Expressions as text, so that the parser decides about the tree. */
const expression: fc.Arbitrary<string> = fc.letrec<{ expr: string }>((tie) => {
  const e = tie('expr');
  const pair = fc.tuple(e, e);
  return {
    expr: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom('a', '.b', 'x.y', '1', '-1', '2u', '1.5', '-2.0', 'true', 'null'),
      fc.string({ unit: 'binary', maxLength: 5 }).map((s) => JSON.stringify(s.toWellFormed())),
      fc
        .uint8Array({ maxLength: 4 })
        .map((b) => `b"${Array.from(b, (n) => `\\x${n.toString(16).padStart(2, '0')}`).join('')}"`),
      fc
        .tuple(e, fc.constantFrom(' + ', ' - ', ' * ', ' / ', ' < ', ' == ', ' in ', ' && ', ' || '), e)
        .map((p) => p.join('')),
      fc.tuple(e, e, fc.constantFrom(' && ', ' || '), e).map(([a, b, op, c]) => `${a}${op}${b}${op}${c}`),
      e.map((a) => `(${a})`),
      fc.tuple(fc.constantFrom('!', '-', '!!', '--'), e).map(([op, a]) => `${op}(${a})`),
      fc.tuple(e, e, e).map(([a, b, c]) => `(${a}) ? (${b}) : ${c}`),
      e.map((a) => `(${a}).f`),
      e.map((a) => `(${a}).?f`),
      pair.map(([a, b]) => `(${a})[${b}]`),
      pair.map(([a, b]) => `(${a})[?${b}]`),
      pair.map(([a, b]) => `(${a}).g(${b})`),
      pair.map(([a, b]) => `[${a}, ?${b}]`),
      pair.map(([a, b]) => `{${a}: ${b}, ?"k": ${a}}`),
      pair.map(([a, b]) => `T{f: ${a}, ?g: ${b}}`),
      pair.map(([a, b]) => `(${a}).map(x, ${b})`),
      pair.map(([a, b]) => `(${a}).exists(x, ${b})`),
      e.map((a) => `has((${a}).f)`),
    ),
  };
}).expr;

test('parse(print(x)) equals x', () => {
  fc.assert(
    fc.property(expression, (text) => {
      const ast = parsed(text);
      assert.deepEqual(shape(parsed(print(ast)).expr), shape(ast.expr));
    }),
    { numRuns: 500 },
  );
});
