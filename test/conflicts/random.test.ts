/**
 * Random pairs of policies against brute force: every object of a small world is evaluated under both. Where one of
 * them satisfies both there is no contradiction; where "none" is said, the witness satisfies both.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonMap } from '../../src/model/index.ts';
import { createEvaluator, findConflicts } from '../../src/policy/index.ts';
import { createDiscovery, createSchemas } from '../../src/sources/index.ts';
import { pairOf, resourceOf } from './shorthand.ts';

const discovery = createDiscovery(37);
const schemas = createSchemas(37);

// --- the world: four fields of a Pod, each with few values -----------------------------------------------------------

const HOSTNAMES = [undefined, 'a', 'ab', 'b'];
const FLAGS = [undefined, true, false];
const NUMBERS = [undefined, 1, 2, 3];
const LISTS: readonly (readonly JsonMap[])[] = [
  [{ name: 'x', image: 'a' }],
  [{ name: 'x' }],
  [
    { name: 'x', image: 'a' },
    { name: 'y', image: 'ab' },
  ],
  [{ name: 'x', image: 'ab', stdin: true }],
  [
    { name: 'x', image: 'b', stdin: false },
    { name: 'y', image: 'b' },
  ],
];

function* world(): Iterable<JsonMap> {
  for (const hostname of HOSTNAMES)
    for (const hostPID of FLAGS)
      for (const priority of NUMBERS)
        for (const containers of LISTS) {
          const spec = { hostname, hostPID, priority, containers };
          const set = Object.entries(spec).filter(([, value]) => value !== undefined);
          const metadata = { name: 'p', namespace: 'default' };
          yield { apiVersion: 'v1', kind: 'Pod', metadata, spec: Object.fromEntries(set) };
        }
}

// --- random conditions over it, as CEL -------------------------------------------------------------------------------

const text = fc.constantFrom('a', 'ab', 'b');
const quoted = text.map((value) => `'${value}'`);

function textAtoms(path: string): fc.Arbitrary<string> {
  return fc.oneof(
    quoted.map((value) => `${path} == ${value}`),
    quoted.map((value) => `${path} != ${value}`),
    fc.tuple(quoted, quoted).map(([a, b]) => `${path} in [${a}, ${b}]`),
    fc
      .tuple(fc.constantFrom('startsWith', 'endsWith', 'contains', 'matches'), quoted)
      .map(([operation, value]) => `${path}.${operation}(${value})`),
    fc.constantFrom('>', '<', '==', '>=').map((operation) => `size(${path}) ${operation} 1`),
  );
}

const rootAtoms = fc.oneof(
  fc.constantFrom('hostname', 'hostPID', 'priority').map((field) => `has(object.spec.${field})`),
  textAtoms('object.spec.hostname'),
  quoted.map((value) => `object.spec.?hostname.orValue(${value}) == ${value}`),
  fc.constantFrom(
    'object.spec.hostPID == true',
    'object.spec.?hostPID.orValue(false) == true',
    '!object.spec.hostPID',
  ),
  fc
    .tuple(fc.constantFrom('<', '<=', '>', '>=', '==', '!='), fc.integer({ min: 1, max: 3 }))
    .map(([operation, value]) => `object.spec.priority ${operation} ${value}`),
  fc.constantFrom('size(object.spec.containers) > 1', 'size(object.spec.containers) == 1'),
);

/** Not understood, and true or false as luck will have it. */
const opaqueAtoms = fc.constantFrom(
  "object.spec.hostname.lowerAscii() == 'a'",
  'object.spec.priority % 2 == 1',
  "object.spec.containers.exists_one(c, c.image == 'a')",
);

const elementAtoms = fc.oneof(
  fc.constantFrom('has(c.image)', 'has(c.stdin)', 'c.stdin == true', "c.name == 'x'"),
  textAtoms('c.image'),
  quoted.map((value) => `c.?image.orValue('') == ${value}`),
);

function combined(atoms: fc.Arbitrary<string>, depth: number): fc.Arbitrary<string> {
  if (depth === 0) return atoms;
  const inner = combined(atoms, depth - 1);
  return fc.oneof(
    inner,
    fc
      .tuple(inner, fc.constantFrom('&&', '||'), inner)
      .map(([a, operation, b]) => `(${a} ${operation} ${b})`),
    inner.map((a) => `!(${a})`),
    fc.tuple(inner, inner, inner).map(([a, b, c]) => `((${a} ? ${b} : ${c}) == true)`),
  );
}

const overElements = combined(elementAtoms, 1).chain((condition) =>
  fc.constantFrom(
    `object.spec.containers.all(c, ${condition})`,
    `object.spec.containers.exists(c, ${condition})`,
    `size(object.spec.containers.filter(c, ${condition})) == 0`,
    `object.spec.containers.filter(c, has(c.image)).all(c, ${condition})`,
  ),
);

const formula = combined(
  fc.oneof(
    { weight: 12, arbitrary: rootAtoms },
    { weight: 6, arbitrary: overElements },
    { weight: 1, arbitrary: opaqueAtoms },
  ),
  2,
);
const failurePolicy = fc.constantFrom('Fail', 'Fail', 'Ignore');
const policy = fc.record({ vap: fc.array(formula, { minLength: 1, maxLength: 3 }), failurePolicy });

/** Half of the pairs disagree on something: others seldom exclude each other. */
const pair = fc.tuple(policy, policy, fc.boolean()).map(([a, b, disagree]) => {
  const opposite = `!(${a.vap[0]})`;
  return [a, disagree ? { ...b, vap: [opposite, ...b.vap.slice(1)] } : b] as const;
});

test('no wrong contradiction, no wrong none, on random pairs', () => {
  const objects = [...world()].map((object) => resourceOf(object));
  const answers = { contradiction: 0, none: 0, unknown: 0, duplicate: 0 };
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const set = pairOf(a, b);
      assert.deepEqual(set.problems, []);
      const evaluator = createEvaluator(set, { discovery, schemas });
      const satisfies = (resource: (typeof objects)[number]) =>
        evaluator.scan(resource).every(({ action }) => action === 'allow');
      const example = objects.find(satisfies);
      const report = findConflicts(set, { discovery, schemas });
      for (const { kind } of report.contradictions) {
        assert.equal(kind, 'Pod');
        assert.equal(
          example,
          undefined,
          `a contradiction, and ${JSON.stringify(example?.object)} satisfies both`,
        );
      }
      for (const { witnesses } of report.none)
        for (const { object } of witnesses) assert.ok(satisfies(resourceOf(object)), JSON.stringify(object));
      for (const { policy: id } of report.unsatisfiable) {
        const alone = createEvaluator(
          { policies: set.policies.filter((p) => p.id === id) },
          { discovery, schemas },
        );
        const met = objects.find((o) => alone.scan(o).every(({ action }) => action === 'allow'));
        assert.equal(met, undefined, `${id} is called unsatisfiable`);
      }
      // In the fragment the search is complete: an object that satisfies both is found.
      if (example !== undefined)
        for (const { reason } of report.unknown) assert.match(reason, /not understood/);
      answers.contradiction += report.contradictions.length;
      answers.none += report.none.length;
      answers.unknown += report.unknown.length;
      answers.duplicate += report.duplicates.length;
    }),
    { numRuns: Number(process.env['RAMPART_RUNS'] ?? 300), seed: 20260730 },
  );
  // The property says nothing when nothing is decided.
  assert.ok(answers.contradiction > 20 && answers.none > 80, JSON.stringify(answers));
});
