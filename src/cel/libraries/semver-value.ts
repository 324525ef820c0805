/** Semantic versions as github.com/blang/semver v4 reads and orders them. */
import { quoteGo } from './text.ts';

export interface SemverValue {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** Numeric identifiers as bigints. */
  readonly pre: readonly (bigint | string)[];
  readonly build: readonly string[];
}

/** Refused; `message` is what Go says. */
export class SemverError extends Error {}

const fail = (message: string): never => {
  throw new SemverError(message);
};

/** @throws SemverError */
export function parseSemver(text: string): SemverValue {
  if (text === '') fail('Version string empty');
  const [majorText, minorText, ...rest] = text.split('.');
  if (minorText === undefined || rest.length === 0) fail('No Major.Minor.Patch elements found');
  const major = readNumber('major', majorText!);
  const minor = readNumber('minor', minorText!);
  const [beforeBuild, build] = cut(rest.join('.'), '+');
  const [patchText, pre] = cut(beforeBuild, '-');
  return {
    major,
    minor,
    patch: readNumber('patch', patchText),
    pre: pre === undefined ? [] : pre.split('.').map(readPrerelease),
    build: build === undefined ? [] : build.split('.').map(readBuild),
  };
}

function cut(text: string, separator: string): [before: string, after: string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function readNumber(name: 'major' | 'minor' | 'patch', text: string): bigint {
  if (!/^[0-9]*$/.test(text)) fail(`Invalid character(s) found in ${name} number ${quoteGo(text)}`);
  if (hasLeadingZero(text)) {
    const title = name[0]!.toUpperCase() + name.slice(1);
    fail(`${title} number must not contain leading zeroes ${quoteGo(text)}`);
  }
  return readUint64(text);
}

function hasLeadingZero(text: string): boolean {
  return text.length > 1 && text[0] === '0';
}

function readUint64(text: string): bigint {
  if (text === '') fail('strconv.ParseUint: parsing "": invalid syntax');
  // No leading zeros: more digits than 2^64 has are too many.
  const value = text.length > 20 ? undefined : BigInt(text);
  if (value === undefined || value >= 2n ** 64n) {
    return fail(`strconv.ParseUint: parsing "${text}": value out of range`);
  }
  return value;
}

function readPrerelease(text: string): bigint | string {
  if (text === '') fail('Prerelease is empty');
  if (/^[0-9]+$/.test(text)) {
    if (hasLeadingZero(text)) {
      fail(`Numeric PreRelease version must not contain leading zeroes ${quoteGo(text)}`);
    }
    return readUint64(text);
  }
  if (!/^[0-9A-Za-z-]+$/.test(text)) fail(`Invalid character(s) found in prerelease ${quoteGo(text)}`);
  return text;
}

function readBuild(text: string): string {
  if (text === '') fail('Build meta data is empty');
  if (!/^[0-9A-Za-z-]+$/.test(text)) fail(`Invalid character(s) found in build meta data ${quoteGo(text)}`);
  return text;
}

/**
 * Kubernetes' lenient form: a `v` before, missing minor and patch numbers, leading zeros
 * (k8s.io/apiserver pkg/cel/library/semverlib.go `normalizeAndParse`).
 *
 * @throws SemverError
 */
export function parseLenientSemver(text: string): SemverValue {
  const pieces = (text.startsWith('v') ? text.slice(1) : text).split('.');
  const parts = pieces.length > 3 ? [...pieces.slice(0, 2), pieces.slice(2).join('.')] : pieces;
  const stripped = parts.map(stripZeros);
  if (stripped.length < 3 && /[+-]/.test(stripped[stripped.length - 1]!)) {
    fail('short version cannot contain PreRelease/Build meta data');
  }
  while (stripped.length < 3) stripped.push('0');
  return parseSemver(stripped.join('.'));
}

function stripZeros(part: string): string {
  if (Buffer.byteLength(part) <= 1) return part;
  const stripped = part.replace(/^0+/, '');
  return /^[0-9]/.test(stripped) ? stripped : `0${stripped}`;
}

/** Precedence: build metadata does not count. */
export function compareSemver(a: SemverValue, b: SemverValue): -1 | 0 | 1 {
  for (const part of ['major', 'minor', 'patch'] as const) {
    if (a[part] !== b[part]) return a[part] > b[part] ? 1 : -1;
  }
  if (a.pre.length === 0 || b.pre.length === 0) {
    return a.pre.length === b.pre.length ? 0 : a.pre.length === 0 ? 1 : -1;
  }
  for (let i = 0; i < a.pre.length && i < b.pre.length; i++) {
    const order = comparePrerelease(a.pre[i]!, b.pre[i]!);
    if (order !== 0) return order;
  }
  return a.pre.length === b.pre.length ? 0 : a.pre.length < b.pre.length ? -1 : 1;
}

/** Numeric identifiers come before the others. */
function comparePrerelease(a: bigint | string, b: bigint | string): -1 | 0 | 1 {
  if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1;
  return a === b ? 0 : a > b ? 1 : -1;
}

export function formatSemver({ major, minor, patch, pre, build }: SemverValue): string {
  const suffix =
    (pre.length > 0 ? `-${pre.join('.')}` : '') + (build.length > 0 ? `+${build.join('.')}` : '');
  return `${major}.${minor}.${patch}${suffix}`;
}
