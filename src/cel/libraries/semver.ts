/** Kubernetes' semantic versions, version 1 (k8s.io/apiserver pkg/cel/library/semverlib.go, pkg/cel/semver.go). */
import { CelError } from '../errors.ts';
import type { Library } from '../library.ts';
import { BOOL, INT, object, STRING, type Type } from '../types.ts';
import { int, type Opaque, type Value } from '../values.ts';
import { scan } from './costs.ts';
import { declare, global, member } from './declare.ts';
import { remember } from './memo.ts';
import {
  compareSemver,
  formatSemver,
  parseLenientSemver,
  parseSemver,
  SemverError,
  type SemverValue,
} from './semver-value.ts';

const TYPE = object('kubernetes.Semver');

/** Comparing it with anything else is an error, as upstream. */
class Semver implements Opaque {
  readonly $version: SemverValue;
  constructor(version: SemverValue) {
    this.$version = version;
  }
  get $type(): Type {
    return TYPE;
  }
  $equals(other: Value): boolean {
    if (!(other instanceof Semver)) throw new CelError('no-such-overload', 'no such overload');
    return compareSemver(this.$version, other.$version) === 0;
  }
  toString(): string {
    return formatSemver(this.$version);
  }
}

const read = (text: string, lenient: boolean): SemverValue =>
  lenient ? parseLenientSemver(text) : parseSemver(text);

function semver(text: string, lenient = false): Semver {
  try {
    return new Semver(read(text, lenient));
  } catch (error) {
    if (error instanceof SemverError) throw new CelError('invalid-argument', error.message);
    throw error;
  }
}

function isSemver(text: string, lenient = false): boolean {
  try {
    read(text, lenient);
    return true;
  } catch (error) {
    if (error instanceof SemverError) return false;
    throw error;
  }
}

const compare = (a: Semver, b: Semver) => compareSemver(a.$version, b.$version);

/** A uint64 read as int64, as upstream converts it. */
const number = (part: 'major' | 'minor' | 'patch') => (value: Semver) =>
  int(BigInt.asIntN(64, value.$version[part]));

export const semvers: Library = Object.freeze({
  name: 'kubernetes.semver',
  since: 33,
  functions: declare({
    semver: [
      global('string_to_semver', [STRING], TYPE, remember(semver), scan),
      global('string_bool_to_semver', [STRING, BOOL], TYPE, semver, scan),
    ],
    isSemver: [
      global('is_semver_string', [STRING], BOOL, remember(isSemver), scan),
      global('is_semver_string_bool', [STRING, BOOL], BOOL, isSemver, scan),
    ],
    isGreaterThan: [
      member('semver_is_greater_than', [TYPE, TYPE], BOOL, (a: Semver, b: Semver) => compare(a, b) > 0),
    ],
    isLessThan: [
      member('semver_is_less_than', [TYPE, TYPE], BOOL, (a: Semver, b: Semver) => compare(a, b) < 0),
    ],
    compareTo: [member('semver_compare_to', [TYPE, TYPE], INT, compare)],
    major: [member('semver_major', [TYPE], INT, number('major'))],
    minor: [member('semver_minor', [TYPE], INT, number('minor'))],
    patch: [member('semver_patch', [TYPE], INT, number('patch'))],
  }),
});
