import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareSemver, formatSemver, parseSemver } from './semver-value.ts';
import { costs, fails, holds } from './testing.ts';

describe('reading', () => {
  holds([
    'isSemver("1.2.3-rc.1+b.01") && !isSemver("v1.2.3") && !isSemver("1.2") && !isSemver("01.2.3")',
    'isSemver("v1", true) && isSemver("v01.002", true) && !isSemver("1-rc", true) && !isSemver("vv1", true)',
    'semver("v1.2", true) == semver("1.2.0")',
    'semver("1.2.3").major() == 1 && semver("1.2.3").minor() == 2 && semver("1.2.3-a").patch() == 3',
    'semver("18446744073709551615.0.0").major() == -1',
  ]);
  fails({
    'semver("")': 'Version string empty',
    'semver("1.2")': 'No Major.Minor.Patch elements found',
    'semver("v1.2.3")': 'Invalid character(s) found in major number "v1"',
    'semver("1.02.3")': 'Minor number must not contain leading zeroes "02"',
    'semver("1..3")': 'strconv.ParseUint: parsing "": invalid syntax',
    'semver("1.2.3-01")': 'Numeric PreRelease version must not contain leading zeroes "01"',
    'semver("1.2.3-a_b")': 'Invalid character(s) found in prerelease "a_b"',
    'semver("1.2.3+")': 'Build meta data is empty',
    'semver("1.2-rc", true)': 'short version cannot contain PreRelease/Build meta data',
    'semver("1.0.0") == dyn("1.0.0")': 'no such overload',
  });
});

it('the order of the specification, section 11', () => {
  const ordered = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.1',
    '1.10.0',
    '2.0.0',
  ].map(parseSemver);
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) assert.equal(compareSemver(a, b), Math.sign(i - j));
  }
});

it('build metadata does not count', () => {
  assert.equal(compareSemver(parseSemver('1.0.0+a'), parseSemver('1.0.0+b')), 0);
});

describe('costs', () => {
  costs({ 'semver("1.2.3")': 1, 'semver("1.2.3-abcdef")': 2, 'semver("1.2.3") == semver("1.2.3")': 3 });
});

it('a version reads back from its text', () => {
  const identifier = fc.stringMatching(/^[0-9A-Za-z-]{1,5}$/).filter((text) => !/^0[0-9]+$/.test(text));
  const tail = fc.array(identifier, { maxLength: 3 });
  fc.assert(
    fc.property(fc.tuple(fc.nat(), fc.nat(), fc.nat()), tail, tail, (numbers, pre, build) => {
      const text =
        numbers.join('.') +
        (pre.length ? `-${pre.join('.')}` : '') +
        (build.length ? `+${build.join('.')}` : '');
      assert.equal(formatSemver(parseSemver(text)), text);
    }),
  );
});
