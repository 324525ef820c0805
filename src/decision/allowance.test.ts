import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { covers, isOver, parseAllowance } from './allowance.ts';

const fault = (text: string) => {
  const said = parseAllowance(text);
  return 'fault' in said ? said.fault : 'none';
};

test('policy, validation, day and reason', () => {
  assert.deepEqual(parseAllowance(' pss-privileged until=2026-12-31 reason="node agent, OPS-12" '), {
    policy: 'pss-privileged',
    validation: undefined,
    until: '2026-12-31',
    reason: 'node agent, OPS-12',
  });
  const named = parseAllowance('p/v reason=legacy until=2028-02-29');
  assert.ok(!('fault' in named));
  assert.deepEqual([named.policy, named.validation, named.reason], ['p', 'v', 'legacy']);
});

test('nothing is allowed for ever, for no reason, or by a guess', () => {
  assert.match(fault(''), /no policy is named/);
  assert.match(fault('until=2026-01-01 reason=x'), /no policy is named/);
  assert.match(fault('p reason="x"'), /no until=/);
  assert.match(fault('p until=2026-02-30 reason="x"'), /is no date/);
  assert.match(fault('p until=tomorrow reason="x"'), /is no date/);
  assert.match(fault('p until=2026-01-01'), /no reason/);
  assert.match(fault('p until=2026-01-01 reason=" "'), /no reason/);
  assert.match(fault('p until=2026-01-01 reason="x" reason="y"'), /given twice/);
  assert.match(fault('p until=2026-01-01 because="x"'), /no field because/);
  assert.match(fault('p q until=2026-01-01 reason="x"'), /cannot read "q until/);
});

test('the last day counts to its end, in UTC', () => {
  assert.equal(isOver('2026-11-26', Date.parse('2026-11-26T23:59:59Z')), false);
  assert.equal(isOver('2026-11-26', Date.parse('2026-11-27T00:00:00Z')), true);
});

test('one policy is not another, one validation not all', () => {
  const said = parseAllowance('p/v until=2026-01-01 reason=x');
  assert.ok(!('fault' in said));
  assert.deepEqual(
    [covers(said, 'p', 'v'), covers(said, 'p', 'w'), covers(said, 'q', 'v')],
    [true, false, false],
  );
});

test('any text is read or refused', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const said = parseAllowance(text);
      assert.ok('fault' in said || (said.policy !== '' && said.reason !== ''));
    }),
  );
});
