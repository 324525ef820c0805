import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { type BaselineEntry, baselineText, matchBaseline, parseBaseline } from './baseline.ts';

const entry = (file: string, id: string): BaselineEntry => ({
  file,
  fingerprint: `${id}@${file}`,
  policy: 'p',
  severity: 'low',
});
const finding = (file: string, id: string) => ({
  fingerprint: `${id}@${file}`,
  fingerprintIn: (other: string) => `${id}@${other}`,
});
const match = (entries: BaselineEntry[], findings: ReturnType<typeof finding>[], gone: string[] = []) => {
  const { known, left } = matchBaseline(entries, findings, (file) => gone.includes(file));
  return [findings.map((one) => known.has(one)), left.map(({ fingerprint }) => fingerprint)];
};

test('what was there is known, what is new is not, what went is left', () => {
  const entries = [entry('a', '1'), entry('a', '2')];
  assert.deepEqual(match(entries, [finding('a', '1'), finding('a', '3')]), [[true, false], ['2@a']]);
});

test('a second one with the same fingerprint is new', () => {
  assert.deepEqual(match([entry('a', '1')], [finding('a', '1'), finding('a', '1')]), [[true, false], []]);
});

test('a file that moved is followed, a copy is new', () => {
  assert.deepEqual(match([entry('a', '1')], [finding('b', '1')], ['a']), [[true], []]);
  assert.deepEqual(match([entry('a', '1')], [finding('b', '1')]), [[false], ['1@a']]);
});

test('the file says again what was written, a line for each finding, in an order of its own', () => {
  const text = fc.string({ unit: 'binary' });
  const id = fc.stringMatching(/^[0-9a-f]{32}$/);
  const entries = fc.array(
    fc.record({ file: text, fingerprint: id, policy: text, severity: text, path: text, resource: text }),
  );
  fc.assert(
    fc.property(entries, (some) => {
      const files = some.filter(({ file }) => file !== '__proto__');
      const written = baselineText(files);
      assert.equal(baselineText(files.toReversed()), written);
      const parsed = parseBaseline(load(written));
      assert.ok('entries' in parsed);
      const sorted = (all: readonly BaselineEntry[]) =>
        all.map((one) => JSON.stringify(one, Object.keys(one).sort())).sort();
      assert.deepEqual(sorted(parsed.entries), sorted(files));
      const lines = written.split('\n').filter((line) => line.startsWith('    - '));
      assert.equal(lines.length, files.length);
    }),
  );
});

test('what is no baseline is refused where it is wrong', () => {
  const where = (value: unknown) => {
    const parsed = parseBaseline(value);
    return 'fault' in parsed ? `${parsed.pointer} ${parsed.fault}` : 'none';
  };
  const of = (item: unknown) => where({ version: 1, findings: { 'a/b': [item] } });
  assert.match(where([]), /^ expected a baseline/);
  assert.match(where({ version: 2, findings: {} }), /^\/version .*another version/);
  assert.match(where({ version: 1, finding: {} }), /^\/finding a baseline has no finding/);
  assert.match(where({ version: 1 }), /^\/findings /);
  assert.match(of('x'), /^\/findings\/a~1b\/0 expected a finding/);
  assert.match(of({ policy: 'p', fingerprint: 'zz' }), /32 hex digits/);
  assert.match(of({ policy: 'p', fingerprint: '0'.repeat(32), severty: 'low' }), /has no severty/);
});
