import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from '../model/index.ts';
import { showable } from './conceal.ts';

function reportOf(conceal: boolean, ...places: [line: number, column: number][]): Report {
  const policy = {
    id: 'p',
    title: 'p',
    severity: 'high',
    kind: 'HardeningPolicy',
    ...(conceal ? { conceal } : {}),
  };
  return {
    policies: new Map([['p', policy]]),
    results: places.map(([line, column]) => ({ policy: 'p', origin: { file: 'a.yaml', line, column } })),
  } as unknown as Report;
}

const LINES: readonly [text: string, column: number, shown: string][] = [
  ['  PASSWORD: hunter2 # note', 3, '  PASSWORD: ***'],
  ['  "db.password": "hunter2",', 3, '  "db.password": ***'],
  ["  'a': 'hunter2'", 3, "  'a': ***"],
  ['  - {name: A, value: hun#ter2}', 15, '  - {name: A, value: ***'],
  ['  - --password=hunter2', 5, '  - --password=***'],
  ['  - hunter2', 5, '  - ***'],
  ['  - "hunter2: x"', 5, '  - ***'],
  ['  - {"value":"hunter2"}', 6, '  - {"value":***'],
  ['  key: |', 3, '  key: ***'],
];

test('of a line that a concealing policy points at, only what stands before the value is shown', () => {
  for (const [text, column, shown] of LINES) {
    assert.equal(showable(reportOf(true, [1, column]), 'a.yaml', 1, text), shown);
  }
});

test('the line is concealed for every finding on it, from the first concealed column on', () => {
  const report = reportOf(true, [1, 30], [1, 3]);
  assert.equal(showable(report, 'a.yaml', 1, '  PASSWORD: hunter2'), '  PASSWORD: ***');
});

test('other lines, other files and other policies are shown as they are', () => {
  const text = '  PASSWORD: hunter2';
  assert.equal(showable(reportOf(true, [2, 3]), 'a.yaml', 1, text), text);
  assert.equal(showable(reportOf(true, [1, 3]), 'b.yaml', 1, text), text);
  assert.equal(showable(reportOf(false, [1, 3]), 'a.yaml', 1, text), text);
});
