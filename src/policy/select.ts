import { SEVERITIES } from '../model/index.ts';
import type { CompiledPolicy } from './form.ts';
import type { PolicySet } from './load.ts';
import { didYouMean } from './nearest.ts';

/** Keys of `--select` and `--skip`, and what a policy answers for each. */
const KEYS: Readonly<Record<string, (policy: CompiledPolicy) => readonly string[]>> = {
  id: ({ id }) => [id],
  severity: ({ info }) => [info.severity],
  layer: ({ info }) => (info.layer === undefined ? [] : [info.layer]),
  framework: ({ info }) => Object.keys(info.frameworks ?? {}),
  owner: ({ info }) => (info.owner === undefined ? [] : [info.owner]),
  set: (policy) => [ALL, ...setsOf(policy)],
};

/** Of every policy. */
const ALL = 'all';
/** What a library asks where nobody chooses. */
export const RECOMMENDED = 'recommended';

/** Sets that follow from frameworks, beside those that policies name themselves. */
const FRAMEWORK_SETS: readonly {
  readonly set: string;
  readonly framework: string;
  /** What its ids begin with. */
  readonly ids?: string;
}[] = [
  { set: 'pss-baseline', framework: 'pss-baseline' },
  { set: 'pss-restricted', framework: 'pss-restricted' },
  { set: 'nsa-cisa', framework: 'nsa-cisa' },
  { set: 'cis-kubernetes-5', framework: 'cis-kubernetes', ids: '5.' },
  { set: 'owasp-k8s', framework: 'owasp-kubernetes' },
];

/** Those it names itself, and those that follow. */
export function setsOf({ sets, info }: CompiledPolicy): readonly string[] {
  const derived = FRAMEWORK_SETS.filter(({ framework, ids = '' }) =>
    info.frameworks?.[framework]?.some((id) => id.startsWith(ids)),
  );
  return [...sets, ...derived.map(({ set }) => set)];
}

export const SELECTION_KEYS: readonly string[] = Object.keys(KEYS);

export interface Selection {
  /** `key=value[,value…]`: a comma is OR, several are AND. */
  readonly select?: readonly string[];
  /** `key=value[,value…]`: takes out what it names. */
  readonly skip?: readonly string[];
  /** What errors call them, when they are no flags. */
  readonly names?: { readonly select: string; readonly skip: string };
}

export type SelectionResult =
  | { readonly ok: true; readonly set: PolicySet }
  | { readonly ok: false; readonly errors: readonly string[] };

interface Term {
  readonly key: string;
  readonly values: readonly string[];
}

/** Narrows a set. A key or value nobody has, and a selection that leaves nothing, are errors: exit code 2. */
export function selectPolicies(set: PolicySet, selection: Selection): SelectionResult {
  // Whoever selects nothing need not wait until it is known what there is.
  if ((selection.select ?? []).length + (selection.skip ?? []).length === 0 && set.policies.length > 0)
    return { ok: true, set };
  const errors: string[] = [];
  const known = knownValues([...set.policies, ...set.inactive]);
  const { names = { select: '--select', skip: '--skip' } } = selection;
  const select = (selection.select ?? []).flatMap((text) => parseTerm(text, names.select, known, errors));
  const skip = (selection.skip ?? []).flatMap((text) => parseTerm(text, names.skip, known, errors));
  if (errors.length > 0) return { ok: false, errors };
  const keeps = (policy: CompiledPolicy) =>
    select.every((term) => has(policy, term)) && !skip.some((term) => has(policy, term));
  const policies = set.policies.filter(keeps);
  if (policies.length === 0) return { ok: false, errors: [emptySelection(set, select, skip, names)] };
  const ids = new Set(policies.map(({ id }) => id));
  // What is said of a policy that was not selected is not asked for.
  const warnings = set.warnings.filter(({ policy }) => policy === undefined || ids.has(policy));
  return { ok: true, set: { ...set, policies, warnings, inactive: set.inactive.filter(keeps) } };
}

/** What is wrong with terms whatever policies they leave: keys and values that nobody has. @param name Of the place. */
export function unknownTerms(
  set: Pick<PolicySet, 'policies' | 'inactive'>,
  select: readonly string[],
  name: string,
): string[] {
  const known = knownValues([...set.policies, ...set.inactive]);
  const errors: string[] = [];
  for (const text of select) parseTerm(text, name, known, errors);
  return errors;
}

/** Whether a policy has something that each term names. What a term names beside that may be anybody's, or nobody's. */
export function isSelected(policy: CompiledPolicy, select: readonly string[]): boolean {
  return select.every((text) => has(policy, termOf(text)));
}

/** Of a text without `=`, the key is all of it. */
function termOf(text: string): Term {
  const [key = '', ...rest] = text.split('=');
  const values = rest.join('=').split(',');
  return { key, values: values.map((value) => value.trim()) };
}

function has(policy: CompiledPolicy, { key, values }: Term): boolean {
  return (KEYS[key]?.(policy) ?? []).some((value) => values.includes(value));
}

function knownValues(policies: readonly CompiledPolicy[]): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    Object.entries(KEYS).map(([key, valuesOf]) => {
      const values = new Set(policies.flatMap((policy) => valuesOf(policy)));
      // All severities are words of the language, whether or not some policy has them.
      if (key === 'severity') for (const severity of SEVERITIES) values.add(severity);
      return [key, values];
    }),
  );
}

function parseTerm(
  text: string,
  flag: string,
  known: ReadonlyMap<string, ReadonlySet<string>>,
  errors: string[],
): Term[] {
  const at = text.indexOf('=');
  if (at < 0) {
    errors.push(`${flag} ${text}: expected key=value; keys: ${Object.keys(KEYS).join(', ')}`);
    return [];
  }
  const { key, values } = termOf(text);
  const knownOfKey = known.get(key);
  if (knownOfKey === undefined) {
    const keys = Object.keys(KEYS);
    errors.push(`${flag} ${text}: unknown key "${key}"; keys: ${keys.join(', ')}.${didYouMean(key, keys)}`);
    return [];
  }
  for (const value of values) {
    if (knownOfKey.has(value)) continue;
    errors.push(`${flag} ${text}: no policy has ${key} "${value}".${didYouMean(value, knownOfKey)}`);
  }
  return [{ key, values }];
}

function emptySelection(
  set: PolicySet,
  select: readonly Term[],
  skip: readonly Term[],
  names: { readonly select: string; readonly skip: string },
): string {
  if (set.policies.length === 0) return 'no policy is loaded';
  const terms = [
    ...select.map(({ key, values }) => `${names.select} ${key}=${values.join(',')}`),
    ...skip.map(({ key, values }) => `${names.skip} ${key}=${values.join(',')}`),
  ];
  return `${terms.join(' ')}: none of ${set.policies.length} policies is left`;
}
