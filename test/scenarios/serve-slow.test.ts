/** A policy that is legal and takes long, on an object as large as they come, while others wait: over HTTP, in a process of its own. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { admissionReview, CONFIG_MAP } from '../fakes/review.ts';
import { newFolder, post, type Serving, serve } from '../fakes/serving.ts';

const OTHERS = 50;
/** What the machine of a test may take; the aim is 500. */
const PATIENCE_MS = 3_000;

const POLICIES = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: slow}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE]}]
  validations:
    - expression: "!has(object.data) || object.data.all(a, object.data.all(b, size(object.data[a] + object.data[b]) > 0))"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: fields}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [configmaps], operations: [CREATE]}]
  validations: [{expression: "!has(object.data) || !('bad' in object.data)", message: "no bad"}]
`;

function review(name: string, data: Record<string, string>): string {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data };
  return JSON.stringify(
    admissionReview({ ...CONFIG_MAP, uid: name, name, userInfo: { username: name }, object }),
  );
}

async function timed(
  { folder, port }: Serving,
  body: string,
): Promise<{ ms: number; allowed: boolean; message: string }> {
  const started = performance.now();
  const { status, text } = await post(folder, { path: '/validate?timeout=10s', port, body });
  assert.equal(status, 200, text);
  const { response } = JSON.parse(text) as { response: { allowed: boolean; status?: { message: string } } };
  return {
    ms: performance.now() - started,
    allowed: response.allowed,
    message: response.status?.message ?? '',
  };
}

test('fifty others are answered while a policy takes as long as it may', { timeout: 120_000 }, async (t) => {
  const folder = newFolder();
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'policies', 'all.yaml'), POLICIES);
  writeFileSync(
    join(folder, 'rampart.yaml'),
    'policies: [policies]\nstages:\n  - {select: ["id=slow,fields"], stage: enforce}\n',
  );
  const serving = await serve(folder);
  const large = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`k${i}`, 'x'.repeat(1_000)]));
  const slow = timed(serving, review('large', large));
  await sleep(20);
  const others = Array.from({ length: OTHERS }, (_, i) =>
    timed(serving, review(`o${i}`, i % 2 === 0 ? { fine: '1' } : { bad: '1' })),
  );
  const lives: number[] = [];
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    const { status } = await post(folder, { path: '/livez', port: serving.port, body: '' });
    // A probe asks by GET; that it is answered at all is what counts.
    assert.ok(status > 0);
    lives.push(performance.now() - started);
    await sleep(50);
  }
  const answers = await Promise.all(others);
  for (const [i, { allowed, message }] of answers.entries()) {
    assert.equal(allowed, i % 2 === 0, message);
    if (!allowed) assert.match(message, /^violates fields/);
  }
  const worst = Math.max(...answers.map(({ ms }) => ms));
  const slowest = await slow;
  assert.equal(slowest.allowed, false);
  assert.match(slowest.message, /^cannot be checked by slow/);
  t.diagnostic(
    `others at most ${Math.round(worst)} ms, /livez at most ${Math.round(Math.max(...lives))} ms, the slow one ${Math.round(slowest.ms)} ms`,
  );
  assert.ok(worst < PATIENCE_MS && Math.max(...lives) < PATIENCE_MS);
  await serving.stop();
});
