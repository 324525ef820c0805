/** What values of a configuration look like: in the file by a schema, in flags and variables as text. */
import {
  array,
  boolean,
  enum as enumOf,
  int,
  maximum,
  minimum,
  minLength,
  optional,
  record,
  regex,
  strictObject,
  string,
  union,
  type ZodMiniType,
} from 'zod/mini';
import { type HelmRelease, STAGES, type Stage, type StageScope, TIERS, type Tier } from '../model/index.ts';

/** `T` is the value in the file. */
export interface Kind<T = unknown> {
  readonly schema: ZodMiniType<T>;
  /** In words: `a list of texts`. */
  readonly says: string;
  /** Whether a value is a mapping whose entries are set, and overridden, one by one. */
  readonly entries: boolean;
  /** The only names of a mapping, or of each mapping in a list; of a value in several depths, by what leads to them. */
  readonly names?: readonly string[] | ((inside: readonly string[]) => readonly string[]);
  /** How it is written outside the file; absent: only there. */
  readonly text?: TextForm<T>;
}

export interface TextForm<T> {
  /** The value that occurrences of a flag, or lines of a variable, stand for; the schema has still to look at it. */
  read(texts: readonly string[]): unknown;
  /** As occurrences of a flag. */
  write(value: T): readonly string[];
}

/** What a text must look like, and how that is said: `a version such as v1.34`. */
export interface Form {
  readonly pattern: RegExp;
  readonly expected: string;
}

const ANY: Form = { pattern: /\S/, expected: 'text' };

/** The message of an issue is what was expected; issues.ts makes the sentence. */
const textOf = ({ pattern, expected }: Form) => string().check(regex(pattern, expected));

/** A single value: several lines of a variable are none, and the schema says so. */
const single = (texts: readonly string[]): unknown => (texts.length === 1 ? texts[0] : texts);

export function text(form: Form = ANY): Kind<string> {
  return {
    schema: textOf(form),
    says: form.expected,
    entries: false,
    text: { read: single, write: (value) => [value] },
  };
}

export function choice<const T extends string>(values: readonly T[]): Kind<T> {
  return {
    schema: enumOf(values as readonly [T, ...T[]]),
    says: `one of ${values.join(', ')}`,
    entries: false,
    text: { read: single, write: (value) => [value] },
  };
}

export function truth(): Kind<boolean> {
  const read = (texts: readonly string[]) => {
    const word = single(texts);
    return word === 'true' ? true : word === 'false' ? false : word;
  };
  return {
    schema: boolean(),
    says: 'true or false',
    entries: false,
    text: { read, write: (value) => [String(value)] },
  };
}

/** A text, or true where what it says is to be found out. As text the words true and false, and nothing for true. */
export function truthOr(form: Form): Kind<boolean | string> {
  const says = `true, false or ${form.expected}`;
  const read = (texts: readonly string[]) => {
    const word = single(texts);
    return word === 'true' || word === '' ? true : word === 'false' ? false : word;
  };
  return {
    schema: union([boolean(), textOf({ ...form, expected: says })], says),
    says,
    entries: false,
    text: { read, write: (value) => [String(value)] },
  };
}

export function percentage(): Kind<number> {
  const read = (texts: readonly string[]) => {
    const word = single(texts);
    return typeof word === 'string' && /^\d{1,3}$/.test(word) ? Number(word) : word;
  };
  const says = 'a whole number from 0 to 100';
  return {
    schema: int(says).check(minimum(0, says), maximum(100, says)),
    says,
    entries: false,
    text: { read, write: (value) => [String(value)] },
  };
}

/** How policies of Git are followed. */
export interface Follow {
  readonly pollSeconds?: number;
  /** File with allowed signers or OpenPGP keys. */
  readonly requireSigned?: string;
  readonly webhookSecretFile?: string;
}

/** More often would be an attack on a forge, less often forgotten. */
const POLL = 'a whole number of seconds from 5 to 86400';

export function followed(path: Form): Kind<Follow> {
  const schema = strictObject({
    pollSeconds: optional(int(POLL).check(minimum(5, POLL), maximum(86_400, POLL))),
    requireSigned: optional(textOf(path)),
    webhookSecretFile: optional(textOf(path)),
  });
  return {
    schema: schema as unknown as ZodMiniType<Follow>,
    says: 'a mapping from pollSeconds, requireSigned, webhookSecretFile',
    entries: true,
    names: ['pollSeconds', 'requireSigned', 'webhookSecretFile'],
  };
}

export function list(form: Form, says: string): Kind<string[]> {
  return {
    schema: array(textOf(form)),
    says,
    entries: false,
    text: { read: (texts) => texts, write: (value) => value },
  };
}

/** A list of mappings with these fields, all of them text. */
export function records<const F extends string>(fields: readonly F[]): Kind<Record<F, string>[]> {
  const shape = Object.fromEntries(fields.map((name) => [name, textOf(ANY)]));
  return {
    schema: array(strictObject(shape)) as unknown as ZodMiniType<Record<F, string>[]>,
    says: `a list of mappings with ${fields.join(' and ')}`,
    entries: false,
    names: fields,
  };
}

/** A mapping from some names, each of which may be left out; as text `NAME=VALUE`. */
export function entries(names: readonly string[], form: Form = ANY): Kind<Record<string, string>> {
  const shape = Object.fromEntries(names.map((name) => [name, optional(textOf(form))]));
  return {
    schema: strictObject(shape) as unknown as ZodMiniType<Record<string, string>>,
    says: `a mapping from ${names.join(', ')}`,
    entries: true,
    names,
    text: { read: pairs, write: (value) => Object.entries(value).map(([name, given]) => `${name}=${given}`) },
  };
}

/** What is no pair stands for itself, and is refused as an unknown name. */
function pairs(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** A mapping from names of any kind to one of some values. */
export function choices<const T extends string>(name: Form, values: readonly T[]): Kind<Record<string, T>> {
  return {
    schema: record(textOf(name), enumOf(values as readonly [T, ...T[]])),
    says: `a mapping to ${values.join(', ')}`,
    entries: true,
  };
}

/** A mapping from globs to how the charts they match are deployed; a glob's mapping is set as a whole. */
export function releases(glob: Form, path: Form, version: Form): Kind<Record<string, HelmRelease>> {
  const release = strictObject({
    releaseName: optional(textOf(ANY)),
    namespace: optional(textOf(ANY)),
    values: optional(array(textOf(path))),
    set: optional(array(textOf({ pattern: /=/, expected: 'key=value' }))),
    kubeVersion: optional(textOf(version)),
    apiVersions: optional(array(textOf(ANY))),
  });
  return {
    schema: record(textOf(glob), release) as unknown as ZodMiniType<Record<string, HelmRelease>>,
    says: 'a mapping from charts to releases',
    entries: true,
    names: ['releaseName', 'namespace', 'values', 'set', 'kubeVersion', 'apiVersions'],
  };
}

/** How far policies have come, and where: what of them, as a selection says it. */
export interface StageRule {
  readonly select: readonly string[];
  readonly stage: Stage;
  readonly scope?: StageScope;
}

/** A list of stages, each with the policies that it is about and the scope in which it counts. */
export function stageRules(term: Form, namespaces: Form): Kind<StageRule[]> {
  const scope = strictObject({
    tiers: optional(array(enumOf(TIERS))),
    namespaces: optional(array(textOf(namespaces))),
    percent: optional(percentage().schema),
  });
  const rule = strictObject({
    select: array(textOf(term)).check(minLength(1, 'at least one KEY=VALUE')),
    stage: enumOf(STAGES),
    scope: optional(scope),
  });
  return {
    schema: array(rule) as unknown as ZodMiniType<StageRule[]>,
    says: 'a list of mappings with select, stage and scope',
    entries: false,
    names: (inside) =>
      inside.includes('scope') ? ['tiers', 'namespaces', 'percent'] : ['select', 'stage', 'scope'],
  };
}

export interface TierSettings {
  readonly default?: Tier;
  readonly namespaces?: Readonly<Record<string, Tier>>;
}

/** Tiers of namespaces by name, and of all others. */
export function tierSettings(namespace: Form): Kind<TierSettings> {
  return {
    schema: strictObject({
      default: optional(enumOf(TIERS)),
      namespaces: optional(record(textOf(namespace), enumOf(TIERS))),
    }) as unknown as ZodMiniType<TierSettings>,
    says: 'a mapping from default and namespaces',
    entries: true,
    names: ['default', 'namespaces'],
  };
}

/** A mapping from names to mappings of one shape. */
export function sections<T>(name: Form, section: ZodMiniType<T>): ZodMiniType<Record<string, T>> {
  return record(textOf(name), section);
}
