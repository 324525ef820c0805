import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_SETTINGS, parseSettings, parseVersion } from './settings.ts';
import { holds, isWhenErrors, parseWhen, type When } from './when.ts';

const settings = (...assignments: string[]) => {
  const result = parseSettings(assignments);
  return result.ok ? result.settings : result.errors;
};

test('the default is the last version known', () => {
  assert.deepEqual(settings(), { 'pss.version': 37, 'kubernetes.version': 37 });
});

test('versions are read with and without v, with a patch, and as latest', () => {
  for (const value of ['v1.20', '1.20', 'v1.20.3']) {
    assert.deepEqual(settings(`pss.version=${value}`), { ...DEFAULT_SETTINGS, 'pss.version': 20 });
  }
  assert.deepEqual(settings('kubernetes.version=v1.30', 'kubernetes.version=latest'), DEFAULT_SETTINGS);
});

test('a version newer than the last is the last', () => {
  assert.deepEqual(settings('pss.version=v1.99'), DEFAULT_SETTINGS);
});

test('unknown names and values are errors, with the nearest name', () => {
  assert.deepEqual(settings('pss.verison=v1.20'), [
    'unknown setting "pss.verison"; known: pss.version, kubernetes.version. Did you mean "pss.version"?',
  ]);
  assert.deepEqual(settings('pss.version=twenty'), [
    'pss.version: expected a version like v1.34 or latest, got "twenty"',
  ]);
  assert.deepEqual(settings('pss.version'), ['expected NAME=VALUE, got "pss.version"']);
});

test('what is no version 1.N is none', () => {
  for (const text of ['', 'v', '2.0', '1', 'v1.', '1.02', 'v1.20x', ' v1.20', '1.99999']) {
    assert.equal(parseVersion(text), undefined, text);
  }
});

const when = (range: string): When => {
  const parsed = parseWhen({ 'pss.version': range });
  assert.ok(!isWhenErrors(parsed), range);
  return parsed;
};

test('ranges compare versions as numbers; a space is AND', () => {
  const at = (minor: number) => ({ ...DEFAULT_SETTINGS, 'pss.version': minor });
  const table: [string, readonly number[]][] = [
    ['>=1.19 <1.25', [19, 24]],
    ['>1.8', [9, 10, 37]],
    ['<=v1.9', [0, 9]],
    ['1.22', [22]],
    ['=1.22', [22]],
    ['!=1.22 >=1.21 <1.24', [21, 23]],
  ];
  for (const [range, inside] of table) {
    for (const minor of [0, 8, 9, 10, 19, 21, 22, 23, 24, 25, 37]) {
      const expected =
        inside.includes(minor) ||
        (range === '>1.8' && minor > 8) ||
        (range === '<=v1.9' && minor < 10) ||
        (range === '>=1.19 <1.25' && minor >= 19 && minor < 25);
      assert.equal(holds(when(range), at(minor)), expected, `${range} at ${minor}`);
    }
  }
});

test('every version is below, at or above another', () => {
  const minor = fc.integer({ min: 0, max: 60 });
  fc.assert(
    fc.property(minor, minor, (bound, value) => {
      const at = { ...DEFAULT_SETTINGS, 'pss.version': value };
      const answers = ['<', '=', '>'].map((sign) => holds(when(`${sign}1.${bound}`), at));
      assert.equal(answers.filter(Boolean).length, 1);
    }),
  );
});

test('faults of a when name their key', () => {
  assert.deepEqual(parseWhen({ 'pss.versoin': '1.2' }), [
    { key: 'pss.versoin', message: 'Unknown setting "pss.versoin". Did you mean "pss.version"?' },
  ]);
  assert.deepEqual(parseWhen({ 'pss.version': '>= 1.19' }), [
    { key: 'pss.version', message: 'Expected a range like ">=1.19 <1.25", got ">= 1.19".' },
  ]);
});
