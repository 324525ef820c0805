import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainKey, plainValue, ScalarError, taggedKey, taggedValue } from './scalars.ts';

const CORE = 'tag:yaml.org,2002:';

test('plain scalars as Kubernetes reads them', () => {
  const cases: readonly (readonly [text: string, value: unknown])[] = [
    ['', null],
    ['~', null],
    ['Null', null],
    ['nULL', 'nULL'],
    ['y', true],
    ['On', true],
    ['oN', 'oN'],
    ['no', false],
    ['off', false],
    ['0', 0],
    ['-0', 0],
    ['010', 8],
    ['0o17', 15],
    ['08', 8],
    ['0x1F', 31],
    ['-0b11', -3],
    ['0b-1', -1],
    ['1_000', 1000],
    ['_1', '_1'],
    ['1:30', '1:30'],
    ['1.0', 1],
    ['-0.0', 0],
    ['1.5', Object(1.5)],
    ['.1_2', Object(0.12)],
    ['1e3', 1000],
    ['1e400', '1e400'],
    ['1e21', Object(1e21)],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['9223372036854775808', Object(2 ** 63)],
    ['18446744073709551616', Object(2 ** 64)],
    ['-9223372036854775808', -9223372036854775808n],
    ['9007199254740994.0', 9007199254740994n],
    ['2001-01-01', '2001-01-01'],
    ['128Mi', '128Mi'],
    ['10.0.0.1', '10.0.0.1'],
    ['<<', '<<'],
    ['__proto__', '__proto__'],
  ];
  for (const [text, value] of cases) assert.deepEqual(plainValue(text), value, text);
});

test('infinities and not-a-number have no form in JSON', () => {
  for (const text of ['.inf', '-.Inf', '.NaN', '+.INF'])
    assert.throws(() => plainValue(text), ScalarError, text);
});

test('keys are written as sigs.k8s.io/yaml writes them', () => {
  const cases = {
    yes: 'true',
    '010': '8',
    '1.0': '1',
    '1e6': '1e+06',
    '100000.0': '100000',
    '3.14159265358979': '3.1415927',
    '0.00001': '1e-05',
    '0.0001': '0.0001',
    '.inf': '.inf',
    '-0.0': '-0',
    '2001-01-01': '2001-01-01',
    name: 'name',
  };
  for (const [text, key] of Object.entries(cases)) assert.equal(plainKey(text), key, text);
  for (const text of ['', '~', 'null', '18446744073709551615'])
    assert.throws(() => plainKey(text), ScalarError, text);
});

test('explicit tags', () => {
  assert.equal(taggedValue(`${CORE}str`, '5'), '5');
  assert.equal(taggedValue(`${CORE}int`, '010'), 8);
  assert.equal(taggedValue(`${CORE}float`, '3'), 3);
  assert.equal(taggedValue(`${CORE}bool`, 'yes'), true);
  assert.equal(taggedValue(`${CORE}null`, ''), null);
  assert.equal(taggedValue(`${CORE}binary`, 'aGVs\nbG8='), 'hello');
  assert.equal(taggedValue(`${CORE}binary`, '4oI='), '\ufffd\ufffd');
  assert.equal(taggedValue(`${CORE}timestamp`, '2001-1-1T1:1:1.5+07:00'), '2001-1-1T1:1:1.5+07:00');
  assert.equal(taggedValue('!local', 'yes'), 'yes');
  assert.equal(taggedValue('!', '5'), '5');
  assert.equal(taggedKey(`${CORE}int`, '0x10'), '16');
  const refused: readonly (readonly [string, string])[] = [
    ['int', '1.0'],
    ['int', 'x'],
    ['bool', '1'],
    ['null', 'x'],
    ['timestamp', '2001-02-30'],
    ['binary', '!'],
    ['float', '18446744073709551615'],
  ];
  for (const [tag, text] of refused)
    assert.throws(() => taggedValue(CORE + tag, text), ScalarError, `${tag} ${text}`);
});

test('a number of a million digits is not worth a minute', () => {
  assert.equal(plainValue(`0x${'f'.repeat(1_000_000)}`), `0x${'f'.repeat(1_000_000)}`);
  assert.equal(plainValue('9'.repeat(1_000_000)), '9'.repeat(1_000_000));
  assert.deepEqual(plainValue(`0x${'0'.repeat(100_000)}7`), 7);
});
