import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdmissionRequest } from '../../policy/index.ts';
import { createAsked } from './asked.ts';

function request(of: Partial<AdmissionRequest>): AdmissionRequest {
  const object = { metadata: { uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' } };
  return { operation: 'CREATE', subresource: '', namespace: 'shop', object, ...of } as AdmissionRequest;
}

test('says which objects were made or changed, and how often in which namespace', () => {
  const asked = createAsked();
  assert.equal(asked.take(), undefined);
  asked.note(request({}));
  asked.note(request({ operation: 'UPDATE' }));
  asked.note(request({ operation: 'DELETE' }));
  asked.note(request({ subresource: 'status' }));
  asked.note(request({ object: null }));
  asked.note(request({ namespace: '__proto__', object: {} }));
  const { objects, namespaces, dropped } = asked.take()!;
  assert.deepEqual(objects, ['u 2026-01-01T00:00:00Z', 'u 2026-01-01T00:00:00Z']);
  assert.deepEqual(Object.entries(namespaces), [
    ['shop', 2],
    ['__proto__', 1],
  ]);
  assert.equal(dropped, 0);
  assert.equal(asked.take(), undefined);
});

test('a subresource that changes the object itself counts', () => {
  const asked = createAsked();
  for (const subresource of ['ephemeralcontainers', 'resize', 'scale'])
    asked.note(request({ operation: 'UPDATE', subresource }));
  assert.equal(asked.take()!.objects.length, 2);
});

test('what has no room is counted', () => {
  const asked = createAsked();
  for (let i = 0; i < 20_003; i++) asked.note(request({}));
  const { objects, dropped } = asked.take()!;
  assert.deepEqual([objects.length, dropped], [20_000, 3]);
});
