import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policies, vap } from '../fixture.ts';
import { startShares } from './shares.ts';

const [policy] = policies(vap("  validations: [{expression: 'true'}]")).policies;

test('each has an equal part of what those before it left', () => {
  let time = 0;
  const turns: string[] = [];
  const shares = startShares(
    90,
    ({ id }) => turns.push(id),
    () => time,
  );
  shares.next(policy!, 3);
  assert.equal(shares.at, 30);
  assert.equal(shares.mayTake(29e6), true);
  assert.equal(shares.mayTake(31e6), false);
  assert.equal(shares.over, true);
  time = 10;
  shares.next(policy!, 2);
  assert.equal(shares.over, false, 'the next one has time again');
  assert.equal(shares.at, 50);
  time = 100;
  shares.next(policy!, 1);
  assert.equal(shares.over, true, 'nothing is left');
  assert.deepEqual(turns, [policy!.id, policy!.id, policy!.id]);
});
