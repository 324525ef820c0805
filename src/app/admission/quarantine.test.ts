import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQuarantine } from './quarantine.ts';

const MINUTE = 60_000;

test('three times within ten minutes, for ten minutes', () => {
  let time = 0;
  const quarantine = createQuarantine({ now: () => time });
  quarantine.ranOut('p', 'time');
  time = 9 * MINUTE;
  quarantine.ranOut('p', 'time');
  time = 11 * MINUTE;
  quarantine.ranOut('p', 'time');
  assert.equal(quarantine.reason('p'), undefined, 'the first is forgotten');
  quarantine.ranOut('p', 'time');
  assert.equal(quarantine.reason('p'), 'quarantined: it ran out of time 3 times');
  assert.equal(quarantine.reason('q'), undefined);
  assert.deepEqual(quarantine.list(), [{ policy: 'p', since: 11 * MINUTE, times: 3 }]);
  time = 20 * MINUTE;
  quarantine.ranOut('p', 'time');
  assert.equal(quarantine.list()[0]!.times, 3, 'a request that was on its way adds nothing');
  time = 21 * MINUTE;
  assert.equal(quarantine.reason('p'), undefined);
  assert.deepEqual(quarantine.list(), []);
  quarantine.ranOut('p', 'memory');
  assert.equal(quarantine.reason('p'), undefined, 'it has as many tries as before');
});

test('memory is named', () => {
  const quarantine = createQuarantine({ now: () => 0, times: 1 });
  quarantine.ranOut('p', 'memory');
  assert.equal(quarantine.reason('p'), 'quarantined: it ran out of time or memory 1 times');
});
