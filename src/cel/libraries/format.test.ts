import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formats } from './format.ts';
import { NAMED_FORMATS } from './name-formats.ts';
import { costs, fails, holds } from './testing.ts';

const VALID: Record<string, readonly string[]> = {
  dns1123Label: ['a', 'my-name', '1a', 'a'.repeat(63)],
  dns1123Subdomain: ['a', 'a.b-c.d', 'a'.repeat(253)],
  dns1035Label: ['a', 'a-1'],
  qualifiedName: ['a', 'A_b.c', 'a.b/C', `${'a'.repeat(253)}/b`],
  dns1123LabelPrefix: ['a-', 'my--', 'A-'],
  dns1123SubdomainPrefix: ['a.-', 'a-'],
  dns1035LabelPrefix: ['a-', 'a'],
  labelValue: ['', 'A_b.c-1'],
  uri: ['http://a', '/a', 'mailto:b'],
  uuid: ['123e4567-e89b-12d3-a456-426614174000', '123E4567E89B12D3A456426614174000'],
  byte: ['aGVsbG8=', 'YWJj'],
  date: ['2020-02-29', '0000-01-01'],
  datetime: ['2021-01-01T00:00:00Z', '2021-01-01t23:59:59.123+25:99', '2021-01-01T00:00:00Ztail'],
};
const INVALID: Record<string, readonly string[]> = {
  dns1123Label: ['', 'A', 'a.b', '-a', 'a-', 'a\n', 'é', 'a'.repeat(64)],
  dns1123Subdomain: ['', '.', 'a..b', 'A', 'a'.repeat(254)],
  dns1035Label: ['1a', ''],
  qualifiedName: ['', 'a/b/c', '/b', 'a/', 'A_/b', '-a', 'a/'.padEnd(70, 'b')],
  dns1123LabelPrefix: ['-', 'AA-', 'aé-'],
  dns1123SubdomainPrefix: ['-', 'AA-'],
  dns1035LabelPrefix: ['12-'],
  labelValue: ['-a', 'a'.repeat(64)],
  uri: ['', 'foo', 'http://a b'],
  uuid: ['123e4567-e89b-12d3-a456-42661417400', ''],
  byte: ['', 'aGVsbG8', '?'],
  date: ['2021-02-29', '1900-02-29', '2021-1-1', '2021-13-01', '2021-01-00'],
  datetime: ['2021-01-01', '2021-01-01T24:00:00Z', '2021-01-01T00:00:00', 'T'],
};

it('there are thirteen', () => {
  assert.equal(NAMED_FORMATS.size, 13);
  assert.deepEqual([...NAMED_FORMATS.keys()].sort(), Object.keys(VALID).sort());
});

for (const [name, { validate }] of NAMED_FORMATS) {
  describe(name, () => {
    for (const text of VALID[name]!) {
      it(`takes ${JSON.stringify(text)}`, () => assert.deepEqual(validate(text), []));
    }
    for (const text of INVALID[name]!) {
      it(`refuses ${JSON.stringify(text)}`, () => assert.notDeepEqual(validate(text), []));
    }
  });
}

describe('as functions', () => {
  holds([
    '!format.dns1123Label().validate("a").hasValue()',
    'format.dns1123Label().validate("a.b").value() == ["must not contain dots"]',
    'format.named("uuid").value() == format.uuid() && !format.named("UUID").hasValue()',
    'format.uri() != format.date()',
    `format.labelValue().validate("${'a'.repeat(64)}").value() == ["must be no more than 63 bytes"]`,
  ]);
  fails({ 'format.uri() == dyn("uri")': 'no such overload' });
  costs({
    'format.dns1123Label().validate("")': 9,
    'format.uri().validate("a")': 277,
    'format.named("uri")': 1,
  });
  it('each has one of its own', () => {
    const names = formats.functions.map((declared) => declared.name);
    for (const name of NAMED_FORMATS.keys()) assert.ok(names.includes(`format.${name}`));
  });
});
