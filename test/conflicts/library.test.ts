/** The built-in library beside its own conversion: each policy is found again, and nothing else is. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compilePolicies, convertPolicy, DEFAULT_SETTINGS, findConflicts } from '../../src/policy/index.ts';
import { createDiscovery, createSchemas, readManifest } from '../../src/sources/index.ts';
import { resourceOf } from './shorthand.ts';

const root = join(import.meta.dirname, '..', '..');
const discovery = createDiscovery(37);
const schemas = createSchemas(37);

/** Nothing is asked of an object there can be under this Kubernetes: the kinds that are refused are gone. */
const ASK_NOTHING = ['workload-removed-api'];

test('a policy and its conversion are duplicates', () => {
  const documents = globSync('library/policies/**/policy.yaml', { cwd: root }).flatMap((file) => [
    ...readManifest(readFileSync(join(root, file)), { file, named: true }).resources,
  ]);
  const { policies: all } = compilePolicies(documents);
  // No other format has a word for other objects; test/convert says that they are refused.
  const policies = all.filter(({ related }) => related === undefined);
  const options = { discovery, objects: [], settings: DEFAULT_SETTINGS };
  const converted = policies.flatMap((policy) => {
    const own = documents.find(({ origin }) => origin.file === policy.origin.file)!;
    const conversion = convertPolicy(policy, own.object, 'vap', options);
    assert.ok('documents' in conversion, JSON.stringify(conversion));
    const text = JSON.stringify(conversion.documents).replaceAll(`"${policy.id}"`, `"vap-${policy.id}"`);
    return JSON.parse(text) as (typeof conversion.documents)[number][];
  });
  const both = compilePolicies([...documents, ...converted.map((document, i) => resourceOf(document, i))]);
  assert.deepEqual(both.problems, []);
  const report = findConflicts(both, { discovery, schemas });
  assert.deepEqual(report.contradictions, []);
  assert.deepEqual(report.unknown, []);
  const found = report.duplicates.map(({ a, b }) => [a, b].sort().join(' '));
  const expected = policies
    .filter(({ id }) => !ASK_NOTHING.includes(id))
    .map(({ id }) => [id, `vap-${id}`].sort().join(' '));
  assert.deepEqual(found.sort(), expected.sort());
});
