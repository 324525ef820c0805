import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_SETTINGS } from '../policy/index.ts';
import { readManifest } from '../sources/index.ts';
import { compileSet } from './compile.ts';
import { resultKey } from './result-key.ts';
import type { ScanSetup } from './scanner.ts';

const VAP = (expression: string) => `
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: p}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  validations: [{expression: "${expression}", message: m}]`;

const EXCEPTION = `
apiVersion: policies.kyverno.io/v1
kind: PolicyException
metadata: {name: e, namespace: shop}
spec: {policyRefs: [{name: p, kind: ValidatingPolicy}], expiresAt: "2026-06-01T00:00:00Z"}`;

function keyOf(texts: readonly string[], now = 0, given: Partial<ScanSetup> = {}): string | undefined {
  const policies = {
    documents: readManifest(Buffer.from(texts.join('\n---\n')), { file: 'p.yaml', named: true }).resources,
    prepared: undefined,
    settings: DEFAULT_SETTINGS,
    now,
    paths: new Map(),
    problems: [],
    lazy: false,
    memory: undefined,
  } as never;
  const set = compileSet(policies, undefined);
  assert.deepEqual(set.problems, []);
  const profile = { policies, ids: ['p'], severity: {}, namespace: 'default', failOn: 'low' as const };
  return resultKey({ profiles: [profile], ...given } as unknown as ScanSetup, [set], 'engine');
}

test('the key follows policies and settings, and not the clock', () => {
  const key = keyOf([VAP('object.a == 1')]);
  assert.ok(key !== undefined);
  assert.equal(keyOf([VAP('object.a == 1')], 5), key);
  assert.notEqual(keyOf([VAP('object.a == 2')]), key);
  assert.notEqual(keyOf([VAP('object.a == 1')], 0, { defaults: true }), key);
});

test('an exception that has expired makes another key', () => {
  const at = (day: string) => keyOf([VAP('object.a == 1'), EXCEPTION], Date.parse(day));
  assert.equal(at('2026-01-01'), at('2026-02-01'));
  assert.notEqual(at('2026-01-01'), at('2026-07-01'));
});

test('what may answer differently the next time has none', () => {
  assert.equal(keyOf([VAP("time.now() > timestamp('2026-01-01T00:00:00Z')")]), undefined);
  assert.equal(keyOf([VAP("random() != 'a'")]), undefined);
});
