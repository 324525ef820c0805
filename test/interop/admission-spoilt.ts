/** Policies and bindings with one or two fields spoilt: what the API server refuses, and what it only looks like it would. */
import type { JsonMap } from '../../src/model/index.ts';
import { createRandom } from '../cel/generator/random.ts';

type Path = readonly (string | number)[];
/** Undefined: the field is left out. */
type Spoil = readonly [path: Path, value: unknown];

export interface Spoilt {
  /** What was done to it. */
  readonly what: string;
  readonly document: JsonMap;
}

/** Every spoil alone, then `pairs` random pairs of them. */
export function spoiltDocuments(seed: number, pairs: number): Spoilt[] {
  const random = createRandom(seed);
  const all = [spoilsOf(POLICY, POLICY_SPOILS), spoilsOf(BINDING, BINDING_SPOILS)] as const;
  const alone = all.flatMap(({ base, spoils }) => spoils.map((spoil) => spoilt(base, [spoil])));
  const both = Array.from({ length: pairs }, () => {
    const { base, spoils } = random.pick(all);
    return spoilt(base, [random.pick(spoils), random.pick(spoils)]);
  });
  return [...alone, ...both];
}

function spoilsOf(base: JsonMap, spoils: readonly Spoil[]): { base: JsonMap; spoils: readonly Spoil[] } {
  const anywhere = pathsOf(base).flatMap((path) => ANYTHING.map((value): Spoil => [path, value]));
  return { base, spoils: [...spoils, ...anywhere] };
}

function spoilt(base: JsonMap, spoils: readonly Spoil[]): Spoilt {
  const document = structuredClone(base);
  for (const [path, value] of spoils) put(document, path, value);
  const what = spoils.map(([path, value]) => `${path.join('.')} = ${short(value)}`).join(', ');
  return { what, document };
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** Does nothing where an earlier spoil left no such place. */
function put(document: JsonMap, path: Path, value: unknown): void {
  let at: unknown = document;
  for (const step of path.slice(0, -1)) at = (at as JsonMap | undefined | null)?.[step as string];
  if (typeof at !== 'object' || at === null) return;
  const last = path.at(-1) as string;
  if (value === undefined && Array.isArray(at)) at.splice(Number(last), 1);
  else if (value === undefined) delete (at as Record<string, unknown>)[last];
  else (at as Record<string, unknown>)[last] = structuredClone(value);
}

/** Places of all fields and items, but those that say what the document is. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  const here = path.length === 0 ? [] : [path];
  if (typeof value !== 'object' || value === null) return here;
  const steps = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [
    ...here,
    ...steps
      .filter((step) => path.length > 0 || (step !== 'apiVersion' && step !== 'kind'))
      .flatMap((step) => pathsOf((value as JsonMap)[step as string], [...path, step])),
  ];
}

const ANYTHING: readonly unknown[] = [
  undefined,
  null,
  '',
  ' ',
  '\u0085',
  'x',
  'X',
  '*',
  'a b',
  'a/b',
  1,
  true,
  [],
  {},
  [''],
  [null],
];

const POLICY: JsonMap = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'p.example.com', labels: { a: 'b' }, annotations: { a: 'b' } },
  spec: {
    failurePolicy: 'Fail',
    paramKind: { apiVersion: 'example.com/v1', kind: 'Widget' },
    matchConstraints: {
      matchPolicy: 'Equivalent',
      namespaceSelector: { matchLabels: { env: 'prod' } },
      objectSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['a'] }] },
      resourceRules: [
        {
          apiGroups: ['apps'],
          apiVersions: ['v1'],
          resources: ['deployments'],
          operations: ['CREATE'],
          scope: '*',
          resourceNames: ['a'],
        },
      ],
      excludeResourceRules: [
        { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['*'] },
      ],
    },
    matchConditions: [{ name: 'c', expression: 'has(params.data)' }],
    variables: [{ name: 'v', expression: 'object.spec' }],
    validations: [
      { expression: 'has(variables.v.a)', message: 'm', messageExpression: "'m' + 'n'", reason: 'Invalid' },
    ],
    auditAnnotations: [{ key: 'k', valueExpression: "'value'" }],
  },
};

const BINDING: JsonMap = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name: 'b' },
  spec: {
    policyName: 'p',
    paramRef: { name: 'n', namespace: 'ns', parameterNotFoundAction: 'Deny' },
    matchResources: { namespaceSelector: { matchLabels: { env: 'prod' } }, objectSelector: {} },
    validationActions: ['Deny'],
  },
};

const NAMES = [
  'a.b',
  'a..b',
  '.a',
  'a.',
  'a-',
  '-a',
  'A',
  'a_b',
  'é',
  'a\n',
  'x.static.k8s.io',
  'a'.repeat(253),
  'a'.repeat(254),
  `${'a'.repeat(64)}.b`,
];

const at = (path: Path, values: readonly unknown[]): Spoil[] => values.map((value): Spoil => [path, value]);

const MATCH = ['spec', 'matchConstraints'];
const RULE = [...MATCH, 'resourceRules', 0];

const SELECTORS: readonly unknown[] = [
  { matchLabels: { 'a b': 'c' } },
  { matchLabels: { 'a/b/c': 'c' } },
  { matchLabels: { '/b': 'c' } },
  { matchLabels: { 'A/b': 'c' } },
  { matchLabels: { 'a.b/c': '' } },
  { matchLabels: { a: 'b c' } },
  { matchLabels: { a: 'b'.repeat(63) } },
  { matchLabels: { a: 'b'.repeat(64) } },
  { matchLabels: { ['a'.repeat(64)]: 'b' } },
  { matchLabels: { a: null } },
  { matchExpressions: [{ key: 'a', operator: 'in', values: ['b'] }] },
  { matchExpressions: [{ key: 'a', operator: 'In' }] },
  { matchExpressions: [{ key: 'a', operator: 'NotIn', values: [] }] },
  { matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['b c'] }] },
  { matchExpressions: [{ key: 'a', operator: 'Exists' }] },
  { matchExpressions: [{ key: 'a', operator: 'Exists', values: [] }] },
  { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] },
  { matchExpressions: [{ key: 'a', operator: 'DoesNotExist', values: ['b'] }] },
  { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] },
  { matchExpressions: [{ operator: 'Exists' }] },
  { matchExpressions: [{ key: 'a' }] },
];

/** Boolean or not, by their static types; known or unknown names. */
const EXPRESSIONS: readonly string[] = [
  '1',
  "'x'",
  'null',
  'object',
  'object.a',
  'dyn(true)',
  'true == ',
  'nothing',
  'variables.v',
  'variables.nothing',
  'params',
  'params.a == 1',
  'params == null',
  'oldObject == null',
  'namespaceObject == null',
  'namespaceObject.metadata.name == 1',
  'namespaceObject.metadata.ownerReferences == null',
  'request.uid == "x"',
  'request.object == null',
  'request.name == "x"',
  'authorizer.path("/x").check("get").allowed()',
  'authorizer.requestResource.check("x").allowed()',
  'authorizer == null',
  "base64.decode('x') == b'x'",
  'math.abs(1) == 1',
  '[1, "a"].size() == 2',
  "{'a': 1, 'b': 'c'}.size() == 2",
  '[1, 2].sum() == 3',
  "'a'.matches('(')",
  "'a'.matches(object.a)",
  "duration('x') == duration('1s')",
  "timestamp('x') == timestamp('2020-01-01T00:00:00Z')",
  "quantity('x').isInteger()",
  "ip('x').family() == 4",
  'optional.of(1).hasValue()',
  'string(object.a)',
  "object.?a.orValue('x')",
  "true ? 'x' : 'y'",
  "true ? 'x' : null",
  'string(authorizer.path("/x").check("get").allowed())',
  ' true ',
  '\n true',
  '// comment\ntrue',
  'true // comment',
];

const POLICY_SPOILS: readonly Spoil[] = [
  ...at(['metadata', 'name'], NAMES),
  ...at(['metadata', 'namespace'], ['ns']),
  ...at(['metadata', 'labels'], [{ 'a b': 'c' }, { a: 'b' }]),
  ...at(['metadata', 'annotations'], [{ 'a b': 'c' }, { 'A.B/c': 'c' }, { a: 'x'.repeat(256 * 1024) }]),
  ...at(['metadata', 'generateName'], ['a-', 'A']),
  ...at(['spec', 'failurePolicy'], ['Ignore', 'fail', 'Warn']),
  ...at(
    ['spec', 'paramKind', 'apiVersion'],
    ['v1', '/v1', 'a/', 'a/b/c', '/', 'A/v1', 'a.b/v1', 'a/V1', 'a/1', `a/v${'1'.repeat(63)}`],
  ),
  ...at(
    ['spec', 'paramKind', 'kind'],
    ['widget', 'Wid-get', 'Wid_get', '1a', 'a'.repeat(63), 'a'.repeat(64)],
  ),
  ...at([...MATCH, 'matchPolicy'], ['Exact', 'exact']),
  ...at([...MATCH, 'namespaceSelector'], SELECTORS),
  ...at([...MATCH, 'objectSelector'], SELECTORS),
  ...at([...RULE, 'apiGroups'], [['*'], ['*', 'a'], ['', 'a'], ['a', 'a'], ['a', '*']]),
  ...at([...RULE, 'apiVersions'], [['*'], ['*', 'v1'], ['v1', 'v1'], ['v1', '']]),
  ...at(
    [...RULE, 'operations'],
    [['*'], ['*', 'CREATE'], ['create'], ['CREATE', 'CREATE'], ['CONNECT'], ['PATCH'], ['UPDATE', 'DELETE']],
  ),
  ...at([...RULE, 'scope'], ['Cluster', 'Namespaced', 'namespaced', '']),
  ...at(
    [...RULE, 'resourceNames'],
    [['a', 'b'], ['a', 'a'], ['a', ''], ['.'], ['..'], ['a%b'], ['...'], ['A b']],
  ),
  ...at(
    [...RULE, 'resources'],
    [
      ['*'],
      ['*/*'],
      ['*', '*/*'],
      ['*', 'a'],
      ['a', '*'],
      ['*', 'a/b'],
      ['a/b', '*'],
      ['*', 'a', 'b/c'],
      ['a', 'b/c', '*'],
      ['a/*', 'a/b'],
      ['a/b', 'a/*'],
      ['a/*', 'b/c'],
      ['*/b', 'a/b'],
      ['a/b', '*/b'],
      ['*/b', '*/c'],
      ['*/b', '*/b'],
      ['a/*', 'a/*'],
      ['a/*', 'a'],
      ['*/*', 'a'],
      ['*/*', 'a/b'],
      ['a', 'a'],
      ['a/b', 'a/b'],
      ['a', ''],
      ['a/'],
      ['/b'],
      ['/'],
      ['a/b/c'],
      ['a/*', 'a/*/c'],
      ['*/'],
      ['a/', 'b/*'],
    ],
  ),
  ...at([...MATCH, 'resourceRules'], [[{}]]),
  ...at([...MATCH, 'excludeResourceRules'], [[{}], undefined, []]),
  ...at(['spec', 'matchConditions'], [many(64), many(65), [...many(2), ...many(2)]]),
  ...at(
    ['spec', 'matchConditions', 0, 'name'],
    ['a', 'A.b_c-d', 'a/b', 'a/b/c', '/a', 'a/', 'A/b', '-a', 'a'.repeat(63), 'a'.repeat(64)],
  ),
  ...at(['spec', 'matchConditions', 0, 'expression'], EXPRESSIONS),
  ...at(['spec', 'variables', 0, 'expression'], EXPRESSIONS),
  ...at(
    ['spec', 'variables', 0, 'name'],
    [
      '_',
      '_a',
      'a1',
      '1a',
      'a-b',
      'a.b',
      'é',
      'in',
      'true',
      'null',
      'as',
      'if',
      'for',
      'void',
      'while',
      'this',
      'size',
      'int',
      'object',
      'v\n',
    ],
  ),
  ...at(
    ['spec', 'variables'],
    [
      [
        { name: 'a', expression: 'variables.v' },
        { name: 'v', expression: 'object' },
      ],
      [
        { name: 'v', expression: 'object' },
        { name: 'a', expression: 'variables.v.x == 1' },
      ],
      [{ name: 'v', expression: "'x'" }],
      [{ name: 'v', expression: '[1]' }],
      [{ name: 'v', expression: "{'a': 1}" }],
    ],
  ),
  ...at(['spec', 'validations', 0, 'expression'], EXPRESSIONS),
  ...at(['spec', 'validations', 0, 'messageExpression'], EXPRESSIONS),
  ...at(
    ['spec', 'validations', 0, 'message'],
    ['a\nb', 'a\rb', '\na\n', 'a\u2028b', '\n', '\ufeff', 'a\u0085b'],
  ),
  ...at(
    ['spec', 'validations', 0, 'reason'],
    ['Invalid', 'Forbidden', 'Unauthorized', 'RequestEntityTooLarge', 'Conflict', 'invalid'],
  ),
  ...at(['spec', 'validations'], [undefined, [], [{}]]),
  ...at(['spec', 'auditAnnotations', 0, 'key'], ['a', 'a/b', 'A.b', '-a', 'a'.repeat(63), 'a'.repeat(64)]),
  ...at(
    ['spec', 'auditAnnotations', 0, 'valueExpression'],
    [...EXPRESSIONS, longText(5 * 1024), longText(5 * 1024 + 1), `  ${longText(5 * 1024)}  `],
  ),
  ...at(
    ['spec', 'auditAnnotations'],
    [annotations(20), annotations(21), [...annotations(2), ...annotations(1)]],
  ),
  [['spec', 'more'], 1],
  [['apiVersion'], 'admissionregistration.k8s.io/v1beta1'],
];

const BINDING_SPOILS: readonly Spoil[] = [
  ...at(['metadata', 'name'], NAMES),
  ...at(['spec', 'policyName'], NAMES),
  ...at(
    ['spec', 'validationActions'],
    [
      ['Warn'],
      ['Audit'],
      ['Deny', 'Audit'],
      ['Deny', 'Warn'],
      ['Warn', 'Deny', 'Audit'],
      ['Audit', 'Audit'],
      ['deny'],
      ['Deny', ''],
    ],
  ),
  ...at(['spec', 'paramRef', 'name'], ['.', '..', 'a/b', 'a%b', 'A b', '...']),
  ...at(['spec', 'paramRef', 'selector'], [{}, { matchLabels: { a: 'b' } }, ...SELECTORS]),
  ...at(
    ['spec', 'paramRef'],
    [
      { parameterNotFoundAction: 'Allow', selector: {} },
      { parameterNotFoundAction: 'Allow' },
      { parameterNotFoundAction: 'allow', name: 'a' },
      { name: 'a' },
      { selector: {} },
      ...SELECTORS.map((selector) => ({ parameterNotFoundAction: 'Deny', selector })),
    ],
  ),
  ...at(['spec', 'paramRef', 'namespace'], ['', 'A', 'a b', 'a/b']),
  ...at(['spec', 'matchResources', 'matchPolicy'], ['Exact', 'exact']),
  ...at(['spec', 'matchResources', 'namespaceSelector'], SELECTORS),
  ...at(['spec', 'matchResources', 'objectSelector'], SELECTORS),
  ...at(
    ['spec', 'matchResources', 'resourceRules'],
    [[], [{}], [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*'] }]],
  ),
  [['apiVersion'], 'admissionregistration.k8s.io/v1beta1'],
];

function many(count: number): JsonMap[] {
  return Array.from({ length: count }, (_, i) => ({ name: `c${i}`, expression: 'true' }));
}

function annotations(count: number): JsonMap[] {
  return Array.from({ length: count }, (_, i) => ({ key: `k${i}`, valueExpression: 'null' }));
}

function longText(bytes: number): string {
  return `'${'x'.repeat(bytes - 2)}'`;
}
