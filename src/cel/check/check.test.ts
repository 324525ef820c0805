import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bindings } from '../libraries/bindings.ts';
import type { Validator } from '../library.ts';
import { optionalLibrary } from '../optional.ts';
import { parse } from '../parser.ts';
import { STANDARD_LIBRARY } from '../stdlib/index.ts';
import { BOOL, DYN, INT, listOf, mapOf, object, STRING, type Type } from '../types.ts';
import {
  type CheckEnvironment,
  type CheckResult,
  check,
  formatType,
  homogeneousLiterals,
  literalValidation,
} from './index.ts';

const LIBRARIES = [STANDARD_LIBRARY, optionalLibrary, bindings];
const FUNCTIONS = new Map(STANDARD_LIBRARY.functions.map((f) => [f.name, f]));
for (const { name, overloads } of optionalLibrary.functions) {
  FUNCTIONS.set(name, { name, overloads: [...(FUNCTIONS.get(name)?.overloads ?? []), ...overloads] });
}

const FIELDS: Readonly<Record<string, Readonly<Record<string, Type>>>> = {
  Request: { operation: STRING, dryRun: BOOL, userInfo: object('UserInfo') },
  UserInfo: { username: STRING, groups: listOf(STRING), extra: mapOf(STRING, listOf(STRING)) },
};

const ENVIRONMENT: CheckEnvironment = {
  variables: {
    object: DYN,
    request: object('Request'),
    names: listOf(STRING),
    labels: mapOf(STRING, STRING),
    n: INT,
  },
  functions: FUNCTIONS,
  constants: { ...STANDARD_LIBRARY.constants, ...optionalLibrary.constants },
  fields: (name, field) => (Object.hasOwn(FIELDS[name]!, field) ? FIELDS[name]![field] : undefined),
  fieldNames: (name) => Object.keys(FIELDS[name]!),
  isObject: (name) => Object.hasOwn(FIELDS, name),
};

function checked(text: string, extra: Partial<CheckEnvironment> = {}): CheckResult {
  const result = parse(text, { macros: LIBRARIES.flatMap((l) => l.macros ?? []) });
  if ('issues' in result) assert.fail(`${text}: ${result.issues[0]!.message}`);
  return check(result.ast, { ...ENVIRONMENT, ...extra });
}

function typeOf(text: string): string {
  const { issues, outputType } = checked(text);
  assert.deepEqual(issues, []);
  return formatType(outputType);
}

/** `column: message` of each issue. */
function issuesOf(text: string, extra?: Partial<CheckEnvironment>): string[] {
  return checked(text, extra).issues.map((issue) => `${issue.column}: ${issue.message}`);
}

const TYPES: Readonly<Record<string, string>> = {
  'object.metadata.name': 'dyn',
  'request.userInfo.groups': 'list(string)',
  'request.userInfo.extra["a"][0]': 'string',
  'names.map(x, size(x))': 'list(int)',
  'labels.filter(k, k == "a")': 'list(string)',
  'names.exists_one(x, x == "a")': 'bool',
  '[] + [1]': 'list(int)',
  '[[], [1]]': 'list(list(int))',
  '[1, "a"]': 'list(dyn)',
  '{}': 'map(dyn, dyn)',
  '{"a": 1, "b": 2.0}': 'map(string, dyn)',
  'n > 0 ? [n] : []': 'list(int)',
  'object.x ? 1 : object.y': 'dyn',
  'type(n)': 'type(int)',
  'type(1) == int': 'bool',
  list: 'type(list(dyn))',
  'google.protobuf.Timestamp': 'type(timestamp)',
  'timestamp("x") - timestamp("y")': 'duration',
  'labels.?a': 'optional_type(string)',
  'labels[?"a"].orValue("b")': 'string',
  'labels.?a.optMap(v, size(v))': 'optional_type(int)',
  'has(request.userInfo)': 'bool',
  'request.userInfo == null': 'bool',
  'Request{operation: "CREATE"}.operation': 'string',
  UserInfo: 'type(UserInfo)',
  '[request][0].dryRun': 'bool',
  'names.map(n, n).map(request, request)': 'list(string)',
  '[1].all(n, .n == n)': 'bool',
  'dyn(1) + dyn("a")': 'dyn',
};

for (const [text, type] of Object.entries(TYPES)) {
  test(`${text} is of type ${type}`, () => assert.equal(typeOf(text), type));
}

const ISSUES: Readonly<Record<string, readonly string[]>> = {
  'n + 1.0': ["3: found no matching overload for '_+_' applied to '(int, double)'"],
  'names.size(1)': ["11: found no matching overload for 'size' applied to 'list(string).(int)'"],
  'naems.size()': ["1: undeclared reference to 'naems' (in container ''); did you mean 'names'?"],
  'names.sise()': ["11: undeclared reference to 'sise' (in container ''); did you mean 'size'?"],
  'request.oparation': ["8: undefined field 'oparation'; did you mean 'operation'?"],
  'has(request.userinfo)': ["4: undefined field 'userinfo'; did you mean 'userInfo'?"],
  'request.userInfo.constructor': ["17: undefined field 'constructor'"],
  __proto__: ["1: undeclared reference to '__proto__' (in container '')"],
  'n && true || names': [
    "1: expected type 'bool' but found 'int'",
    "14: expected type 'bool' but found 'list(string)'",
  ],
  'n.x': ["2: type 'int' does not support field selection"],
  'n.all(x, true)': [
    "1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
  ],
  'names.all(x, n)': ["14: expected type 'bool' but found 'int'"],
  '[?n]': ["3: expected type 'optional_type(int)' but found 'int'"],
  'Request{operation: 1, nope: 2}': [
    "18: expected type of field 'operation' is 'string' but provided type is 'int'",
    "27: undefined field 'nope'",
  ],
  'Nope{a: b}': ["5: undeclared reference to 'Nope' (in container '')"],
};

for (const [text, issues] of Object.entries(ISSUES)) {
  test(`issues of ${text}`, () => assert.deepEqual(issuesOf(text), issues));
}

test('comparisons of numbers across types can be refused, until a comprehension is entered', () => {
  const strict = { crossTypeComparisons: false };
  assert.equal(issuesOf('n < 1.0', strict).length, 1);
  assert.deepEqual(issuesOf('n < 1.0'), []);
  assert.deepEqual(issuesOf('[1].all(x, x < 1.0)', strict), []);
});

test('references name overloads and variables', () => {
  const { references } = checked('names.all(n, .n == 1) && object.x.startsWith(object.y)');
  const found = Array.from(references.values(), (r) => ('name' in r ? r.name : r.join('|')));
  assert.ok(found.includes('.n') && found.includes('starts_with_string') && found.includes('equals'));
});

const VALIDATORS: readonly Validator[] = [
  ...homogeneousLiterals.validators!,
  ...literalValidation.validators!,
];

const INVALID: Readonly<Record<string, readonly string[]>> = {
  'duration("1x")': ['10: invalid duration argument'],
  'timestamp("2023")': ['11: invalid timestamp argument'],
  'timestamp(99999999999999)': ['11: invalid timestamp argument'],
  'object.a.matches("(")': ['18: invalid matches argument'],
  '[1, 2, "a", "b"]': ["8: expected type 'int' but found 'string'"],
  '[object.x, 1]': ["12: expected type 'dyn' but found 'int'"],
  '{"a": 1, 2: "b"}': [
    "10: expected type 'string' but found 'int'",
    "13: expected type 'int' but found 'string'",
  ],
  '[?labels.?a, 1]': ["14: expected type 'string' but found 'int'"],
  '[[1], [object.x]]': ["7: expected type 'list(int)' but found 'list(dyn)'"],
};

for (const [text, issues] of Object.entries(INVALID)) {
  test(`validators refuse ${text}`, () => {
    assert.deepEqual(issuesOf(text, { validators: VALIDATORS }), issues);
    assert.deepEqual(issuesOf(text), []);
  });
}

test('validators accept what is valid, and lists of anything inside format()', () => {
  for (const text of [
    'duration("1h")',
    'timestamp(0)',
    'timestamp("2023-01-01T00:00:00Z")',
    '["a"].map(x, [1, 2])',
  ]) {
    assert.deepEqual(issuesOf(text, { validators: VALIDATORS }), []);
  }
  const format = {
    name: 'format',
    overloads: [{ id: 'f', member: true, args: [STRING, listOf(DYN)], result: STRING, impl: () => '' }],
  };
  const functions = new Map([...FUNCTIONS, ['format', format]]);
  assert.deepEqual(issuesOf('"%s".format([1, "a", [1, "b"]])', { validators: VALIDATORS, functions }), []);
});

// --- hostile input -------------------------------------------------------------------------------------------------

test('types that double at each step end in a limit', () => {
  const doubling = `[{1: 1}]${'.map(a, {a: a})'.repeat(60)}`;
  assert.ok(checked(doubling).issues.some((issue) => issue.code === 'limit'));
});

test('type variables that stand for exponential types end in a limit', () => {
  let text = '0';
  for (let i = 60; i > 0; i--) {
    const previous = `a${i - 1}`;
    text = `cel.bind(a${i}, [], [a${i}, [{${previous}: ${previous}}]].size() == ${text} ? 1 : 2)`;
  }
  const { issues } = checked(`cel.bind(a0, [], ${text})`);
  assert.deepEqual(
    issues.map((issue) => issue.code),
    ['limit'],
  );
});

test('the deepest trees that parse are checked without using up the stack', () => {
  const wrap = (open: string, close: string, levels: number, inner = '1') =>
    open.repeat(levels) + inner + close.repeat(levels);
  for (const text of [
    wrap('[1].map(x, true, ', ')', 240),
    wrap('[1].map(x, [', '])', 120),
    wrap('-(1 + ', ')', 120),
    wrap('true ? 1 : ', '', 240),
    wrap('labels.?a.optMap(x, ', ')', 120),
    `1${' + 1'.repeat(249)}`,
    `true${' && true'.repeat(12_000)}`,
  ]) {
    const { issues } = checked(text);
    assert.deepEqual(
      issues.filter((issue) => issue.code !== 'limit').map((issue) => issue.message),
      [],
    );
  }
});

test('any expression that parses gives a type or issues with places', () => {
  const words =
    'n names labels object request x 1 "a" true null [] {} [1] .size() .all(x, .map(x, ) ( + == && ! ? : . [ ] in has( dyn('.split(
      ' ',
    );
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 14 }), (tokens) => {
      const result = parse(tokens.join(' '));
      if ('issues' in result) return;
      const { issues, outputType } = check(result.ast, ENVIRONMENT);
      assert.ok(formatType(outputType).length > 0);
      for (const issue of issues) assert.ok(issue.line === 1 && issue.column >= 1);
    }),
    { numRuns: 3000 },
  );
});
