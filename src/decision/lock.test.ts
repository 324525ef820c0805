import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { STAGES } from '../model/index.ts';
import { type Lock, lockText, type ParsedLock, parseLock, stageOf } from './lock.ts';

const lock = (policies: Lock['policies']): Lock => ({ library: '1.0.0', settings: {}, policies });

test('what was accepted does as its stage says, what is new or changed is audit', () => {
  const locked = lock(
    new Map([
      ['a', { stage: undefined, checks: new Map([['x', '1']]) }],
      ['b', { stage: 'enforce' as const, checks: new Map([['x', '1']]) }],
      ['own', { stage: 'warn' as const, checks: undefined }],
    ]),
  );
  assert.equal(stageOf(locked, 'a', 'x', '1'), undefined);
  assert.equal(stageOf(locked, 'a', 'x', '2'), 'audit');
  assert.equal(stageOf(locked, 'a', 'y', '1'), 'audit');
  assert.equal(stageOf(locked, 'b', 'x', '1'), 'enforce');
  assert.equal(stageOf(locked, 'b', 'x', '2'), 'audit', 'what changed is not what was enforced');
  assert.equal(stageOf(locked, 'new', 'x', '1'), 'audit');
  assert.equal(stageOf(locked, 'own', 'x', undefined), 'warn');
  assert.equal(stageOf(locked, 'others', 'x', undefined), undefined);
});

test('the file says again what was written', () => {
  const text = fc.string({ unit: 'binary' });
  const map = <T>(values: fc.Arbitrary<T>) =>
    fc.array(fc.tuple(text, values)).map((entries) => new Map(entries));
  const policy = fc.record(
    {
      stage: fc.option(fc.constantFrom(...STAGES), { nil: undefined }),
      checks: fc.option(map(text), { nil: undefined }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(map(policy), text, (policies, library) => {
      fc.pre(
        ![
          ...policies.keys(),
          ...[...policies.values()].flatMap(({ checks }) => [...(checks?.keys() ?? [])]),
        ].includes('__proto__'),
      );
      fc.pre(
        [...policies.values()].every(({ stage, checks }) => stage !== undefined || checks !== undefined),
      );
      const written: Lock = { library, settings: { 'pss.version': 'v1.37' }, policies };
      const read = parseLock(load(lockText(written)));
      assert.deepEqual('lock' in read ? read.lock : read, written);
    }),
  );
});

test('what is no lock is said, with its place', () => {
  const good = { version: 1, library: '1', settings: {}, policies: {} };
  for (const [value, pointer] of [
    [null, ''],
    [{ ...good, version: 2 }, '/version'],
    [{ ...good, extra: 1 }, '/extra'],
    [{ ...good, library: 1 }, '/library'],
    [{ ...good, policies: { 'a/b': { stage: 'block' } } }, '/policies/a~1b/stage'],
    [{ ...good, policies: { a: { checks: { x: 1 } } } }, '/policies/a/checks'],
    [{ ...good, policies: { a: { digest: 'x' } } }, '/policies/a/digest'],
  ] as const) {
    const read: ParsedLock = parseLock(value);
    assert.equal('pointer' in read ? read.pointer : 'none', pointer);
  }
});
