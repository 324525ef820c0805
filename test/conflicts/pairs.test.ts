/** `policies conflicts` on seeded pairs: the answer, and that what is shown as evidence is true. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import type { JsonMap } from '../../src/model/index.ts';
import {
  type ConflictReport,
  createEvaluator,
  findConflicts,
  type PolicySet,
} from '../../src/policy/index.ts';
import { createDiscovery, createSchemas } from '../../src/sources/index.ts';
import { pairOf, resourceOf, type Shorthand } from './shorthand.ts';

interface Pair {
  readonly name: string;
  readonly answer: 'duplicate' | 'contradiction' | 'none' | 'apart' | 'unknown';
  readonly match?: string;
  readonly field?: string;
  readonly a: Shorthand;
  readonly b: Shorthand;
}

const pairs = load(readFileSync(join(import.meta.dirname, 'pairs.yaml'), 'utf8')) as Pair[];
const discovery = createDiscovery(37);
const schemas = createSchemas(37);

function answerOf({ duplicates, contradictions, none, unknown }: ConflictReport): string {
  if (duplicates.length > 0) return 'duplicate';
  if (contradictions.length > 0) return 'contradiction';
  if (none.length > 0) return 'none';
  return unknown.length > 0 ? 'unknown' : 'apart';
}

/** Verdicts of a scan on the object, by policy. */
function satisfied(set: PolicySet, object: JsonMap): string[] {
  const findings = createEvaluator(set, { discovery, schemas }, { passes: true }).scan(resourceOf(object));
  return set.policies
    .map(({ id }) => id)
    .filter((id) => {
      const own = findings.filter(({ policy }) => policy === id);
      return own.length > 0 && own.every(({ verdict, action }) => verdict === 'pass' || action === 'allow');
    });
}

test('there are enough pairs of each answer', () => {
  assert.ok(pairs.length >= 60, `${pairs.length} pairs`);
  const counts = Map.groupBy(pairs, ({ answer }) => answer);
  for (const [answer, of] of counts) assert.ok(of.length >= 5, answer);
  assert.equal(new Set(pairs.map(({ name }) => name)).size, pairs.length);
});

for (const pair of pairs) {
  test(`${pair.answer}: ${pair.name}`, () => {
    const set = pairOf(pair.a, pair.b);
    assert.deepEqual(set.problems, []);
    const [a, b] = set.policies.map(({ id }) => id);
    const report = findConflicts(set, { discovery, schemas });
    assert.equal(answerOf(report), pair.answer, JSON.stringify(report, null, 1));
    if (pair.match !== undefined) assert.equal(report.duplicates[0]!.match, pair.match);
    for (const { field, passesA, passesB } of report.contradictions) {
      if (pair.field !== undefined) assert.equal(field, pair.field);
      assert.deepEqual(satisfied(set, passesA), [a]);
      assert.deepEqual(satisfied(set, passesB), [b]);
    }
    for (const { reason } of report.unknown) assert.notEqual(reason, '');
    // Policies that a namespace's labels decide are left to the evaluator inside: the scan here knows no labels.
    if (pair.a.namespaces !== undefined) return;
    for (const { witnesses } of report.none)
      for (const { object } of witnesses) assert.deepEqual(satisfied(set, object), [a, b]);
  });
}
