import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { coalesced } from './coalesce.ts';
import { nextDelay } from './delay.ts';

test('one runs, one waits, and who asks during a run gets the next', async () => {
  const ends: (() => void)[] = [];
  let runs = 0;
  const ask = coalesced(async () => {
    const run = ++runs;
    await new Promise<void>((end) => ends.push(end));
    if (run === 2) throw new Error('2 fails');
    return run;
  });
  const first = ask();
  const later = [ask(), ask(), ask()];
  assert.equal(runs, 1);
  ends[0]!();
  assert.equal(await first, 1);
  await new Promise(setImmediate);
  const third = ask();
  ends[1]!();
  for (const waiting of later) await assert.rejects(waiting, /2 fails/);
  await new Promise(setImmediate);
  ends[2]!();
  assert.equal(await third, 3);
  assert.equal(runs, 3);
});

test('a failing remote is asked less often, within bounds', () => {
  assert.equal(nextDelay(60, 0, 0.5), 60_000);
  assert.equal(nextDelay(60, 2, 0.5), 240_000);
  assert.equal(nextDelay(60, 1000, 0.5), 900_000);
  assert.equal(nextDelay(3600, 5, 0.5), 3_600_000);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 86_400 }),
      fc.nat(),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (poll, failures, random) => {
        const delay = nextDelay(poll, failures, random);
        assert.ok(delay >= poll * 900 - 1 && delay <= Math.max(poll * 1000, 900_000) * 1.1 + 1);
      },
    ),
  );
});
