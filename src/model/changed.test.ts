import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedAt } from './changed.ts';

const entry = (time: string, subresource?: string) => ({
  manager: 'm',
  time,
  ...(subresource && { subresource }),
});

test('the last change of the object itself; what subresources change is not one', () => {
  const created = '2026-01-01T00:00:00Z';
  const of = (...managedFields: object[]) =>
    changedAt({ metadata: { creationTimestamp: created, managedFields } });
  assert.equal(of(), created);
  assert.equal(
    of(entry('2026-01-02T00:00:00Z'), entry('2026-01-03T00:00:00Z', 'status')),
    '2026-01-02T00:00:00Z',
  );
  assert.equal(changedAt({ metadata: { creationTimestamp: created } }), created);
  assert.equal(changedAt({ metadata: { managedFields: [null, { time: 3 }] } }), '');
  assert.equal(changedAt({}), '');
});
