import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keysOf } from './keys.ts';
import { valuesOf } from './layers.ts';
import { misspelt, readVariables, variableKeys, variableOf } from './variables.ts';
import type { Vocabulary } from './vocabulary.ts';

const VOCABULARY: Vocabulary = {
  formats: ['pretty', 'json'],
  selectionKeys: ['id', 'severity'],
  settings: { 'pss.version': { doc: '' } },
  nearest: (word, candidates) => [...candidates].find((one) => one.replace('_', '') === word),
};
const KEYS = keysOf(VOCABULARY);

test('a variable is named after its key, and none is one that means something else', () => {
  assert.equal(variableOf('failOn'), 'RAMPART_FAIL_ON');
  const names = variableKeys(KEYS).map(variableOf);
  assert.equal(new Set(names).size, names.length);
  for (const taken of ['RAMPART_CACHE', 'RAMPART_DEBUG', 'RAMPART_CONFIG', 'RAMPART_ENVIRONMENT'])
    assert.ok(!names.includes(taken));
});

test('text becomes what the key holds', () => {
  const { layer, mistakes } = readVariables(
    {
      RAMPART_FAIL_ON: 'high',
      RAMPART_STRICT: 'true',
      RAMPART_CHANGED: 'true',
      RAMPART_DEFAULTS: 'false',
      RAMPART_SELECT: 'id=a,b\nseverity=low\n',
      RAMPART_SETTINGS: 'pss.version=v1.20',
      RAMPART_COVERAGE_MIN: '90',
      RAMPART_NAMESPACE: '',
      RAMPART_OTHER: 'x',
    },
    KEYS,
    VOCABULARY,
  );
  assert.deepEqual(mistakes, []);
  assert.deepEqual(valuesOf(layer), {
    failOn: 'high',
    strict: true,
    changed: true,
    defaults: false,
    select: ['id=a,b', 'severity=low'],
    settings: { 'pss.version': 'v1.20' },
    coverageMin: 90,
  });
  assert.deepEqual(layer.get('settings.pss.version')?.from, { kind: 'variable', name: 'RAMPART_SETTINGS' });
});

test('all that is wrong is said, with the variable', () => {
  const { mistakes } = readVariables(
    {
      RAMPART_FAIL_ON: 'high\nlow',
      RAMPART_STRICT: 'yes',
      RAMPART_COVERAGE_MIN: '1e2',
      RAMPART_SETTINGS: 'v1.20',
      RAMPART_OUTPUT: 'json',
    },
    KEYS,
    VOCABULARY,
  );
  assert.deepEqual(mistakes, [
    'RAMPART_SETTINGS: unknown key "v1.20" in settings; expected pss.version',
    'RAMPART_FAIL_ON: failOn: expected one of critical, high, medium, low, info, none, got a list',
    'RAMPART_STRICT: strict: expected true or false, got "yes"',
    'RAMPART_OUTPUT: output.json: expected a path, got ""',
    'RAMPART_COVERAGE_MIN: coverageMin: expected a whole number from 0 to 100, got "1e2"',
  ]);
});

test('a variable that is nearly one is named, others are not ours', () => {
  const known = ['RAMPART_FAIL_ON'];
  const env = { RAMPART_FAILON: 'x', RAMPART_SERVICE_HOST: '10.0.0.1', RAMPART_FAIL_ON: 'low', FAILON: '' };
  assert.deepEqual(misspelt(env, known, VOCABULARY.nearest), [
    { name: 'RAMPART_FAILON', meant: 'RAMPART_FAIL_ON' },
  ]);
});
