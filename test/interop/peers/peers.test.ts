/** What the library says of a thousand made manifests and of its own cases, against what the peers said when they were run. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type Agreement, compare, figuresOf, textOf } from './agreement.ts';
import { type Case, comparedCases } from './cases.ts';
import { DIFFERENCES } from './differences.ts';
import type { Fields } from './draw.ts';
import { claims, narrowerChecks, ourReports, type Reported } from './ours.ts';
import type { Reason } from './reasons.ts';
import { type Recorded, readRecorded, recordedReports } from './recorded.ts';
import { PEERS } from './theirs.ts';

/** A peer that no registry serves was never run. */
const NEVER_RUN = /^kube-linter\//;

let recorded: Recorded;
let cases: readonly Case[];
let theirs: readonly (readonly Reported[])[];
let ours: readonly (readonly Reported[])[];
let skipped: readonly string[];

before(() => {
  recorded = readRecorded();
  const compared = comparedCases().map((each) => ({ each, reports: recordedReports(each, recorded) }));
  skipped = compared.flatMap(({ each, reports }) => (reports === undefined ? [each.name] : []));
  const known = compared.filter(({ reports }) => reports !== undefined);
  cases = known.map(({ each }) => each);
  theirs = known.map(({ reports }) => reports ?? []);
  ours = ourReports(cases);
});

describe('what was recorded', () => {
  test('holds every made manifest, and nearly all cases of the library', (t) => {
    assert.deepEqual(
      skipped.filter((name) => name.startsWith('made-')),
      [],
      'made differently than when the peers were run: npm run interop:peers',
    );
    assert.ok(skipped.length < 50, `${skipped.length} cases are newer: npm run interop:peers`);
    t.diagnostic(`${cases.length} cases, ${skipped.length} newer than the record`);
  });

  test('holds every check that the library names, but those that cannot be run', () => {
    const known = new Set(recorded.peers.flatMap(({ checks }) => checks));
    const unasked = new Set(PEERS.flatMap((peer) => [...peer.unasked.keys()]));
    const missing = [...claims().keys()].filter(
      (check) => !known.has(check) && !unasked.has(check) && !NEVER_RUN.test(check),
    );
    assert.deepEqual(missing, [], 'npm run interop:peers asks them');
    for (const { name, release } of PEERS)
      assert.equal(recorded.peers.find((peer) => peer.name === name)?.release, release);
  });
});

test('every check that was run reports something that the library reports too', (t) => {
  for (const { name, release, checks } of recorded.peers) {
    const agreements = agreementsOf(checks);
    for (const { check, both } of agreements) assert.ok(both.length > 0, `${name} ${check}`);
    t.diagnostic(textOf(release, figuresOf(agreements)));
  }
});

test('a check that a policy says asks for less leaves out something that we report', () => {
  const run = new Set(recorded.peers.flatMap(({ checks }) => checks));
  const narrower = narrowerChecks();
  assert.ok(narrower.size > 20);
  for (const { check, ours } of agreementsOf([...narrower].filter((check) => run.has(check))))
    assert.ok(ours.length > 0, check);
});

describe('where verdicts differ', () => {
  let agreements: Agreement[];
  before(() => {
    agreements = agreementsOf(recorded.peers.flatMap(({ checks }) => checks));
  });

  test('the reason is known, and the number of made objects is the one it was found for', () => {
    for (const { check, ours, theirs } of agreements) {
      const known = DIFFERENCES[check];
      for (const [side, objects] of [
        ['ours', ours],
        ['theirs', theirs],
      ] as const) {
        const where = `${check}, ${side} alone: ${objects.slice(0, 5).join(' ')}`;
        assert.equal(made(objects), known?.[side]?.[0] ?? 0, where);
        assert.equal(objects.length > 0, known?.[side] !== undefined, where);
        const [, why] = known?.[side] ?? [];
        if (typeof why !== 'object') continue;
        const others = objects.filter((object) => !holds(why, object));
        assert.deepEqual(others, [], `${check}, ${side} alone, though: ${why.why}`);
      }
    }
  });

  test('no reason is left of a check that the library no longer names', () => {
    const compared = new Set(agreements.map(({ check }) => check));
    assert.deepEqual(
      Object.keys(DIFFERENCES).filter((check) => !compared.has(check)),
      [],
    );
  });
});

function holds(reason: Reason, name: string): boolean {
  const [of, at] = name.split('/');
  const { objects } = cases.find((each) => each.name === of) as Case;
  const asked = at === undefined ? objects : [objects[Number(at)] as Fields];
  return asked.some((object) => reason.holds(object, objects));
}

function made(objects: readonly string[]): number {
  return objects.filter((object) => object.startsWith('made-')).length;
}

function agreementsOf(checks: readonly string[]): Agreement[] {
  const claimed = claims();
  return checks.flatMap((check) => {
    const by = claimed.get(check);
    return by === undefined ? [] : [compare({ check, by }, cases, ours, theirs)];
  });
}
