/** Compares answers pair by pair. What differs on purpose is told apart from what differs. */
import type { AdmissionRequest } from '../../../src/policy/index.ts';
import type { Case } from './cases.ts';
import type { JsonMap } from './resources.ts';

/** What a policy says of a request. */
export interface Said {
  readonly rules: readonly Rule[];
  readonly allowed: boolean;
  readonly warned: boolean;
  /** The object afterwards; absent where none is changed. */
  readonly object?: unknown;
}

export interface Rule {
  readonly status: string;
  readonly message: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** A request, a document that is none, or no request at all. */
export type Subject = AdmissionRequest | { readonly payload: JsonMap } | null;

export interface Pair {
  readonly of: Case;
  readonly subject: Subject;
  readonly ours: Said;
  readonly theirs: Said;
}

/** Something Rampart does otherwise on purpose. */
export interface Deliberate {
  readonly what: string;
  readonly why: string;
  readonly fits: (pair: Pair) => boolean;
}

export interface Comparison {
  readonly pairs: number;
  readonly differences: readonly string[];
  /** How many pairs differ on purpose, by what it is. */
  readonly deliberate: ReadonlyMap<string, number>;
  readonly statuses: ReadonlyMap<string, number>;
}

export function compare(pairs: readonly Pair[], deliberate: readonly Deliberate[]): Comparison {
  const differences: string[] = [];
  const onPurpose = new Map(deliberate.map(({ what }) => [what, 0]));
  const statuses = new Map<string, number>();
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  for (const pair of pairs) {
    count(statuses, pair.theirs.rules[0]?.status ?? 'not matched');
    if (isSame(pair.ours, pair.theirs)) continue;
    const known = deliberate.find(({ fits }) => fits(pair));
    if (known === undefined) differences.push(show(pair));
    else count(onPurpose, known.what);
  }
  return { pairs: pairs.length, differences, deliberate: onPurpose, statuses };
}

/** As a test reports it. */
export function summary({ pairs, deliberate, statuses }: Comparison): string {
  const counts = (map: ReadonlyMap<string, number>) =>
    [...map].map(([what, count]) => `${count} ${what}`).join(', ');
  return `${pairs} pairs (${counts(statuses)}); otherwise on purpose: ${counts(deliberate)}`;
}

export function isSame(ours: Said, theirs: Said): boolean {
  return (
    ours.rules.length === theirs.rules.length &&
    ours.rules.every((rule, i) => isSameRule(rule, theirs.rules[i]!)) &&
    ours.allowed === theirs.allowed &&
    ours.warned === theirs.warned &&
    canonical(ours.object) === canonical(theirs.object)
  );
}

function isSameRule(ours: Rule, theirs: Rule): boolean {
  return (
    ours.status === theirs.status &&
    isSameMessage(ours, theirs) &&
    canonical(ours.properties) === canonical(theirs.properties)
  );
}

/** Errors are worded by each in its own way around what CEL says. */
function isSameMessage(ours: Rule, theirs: Rule): boolean {
  if (ours.status !== 'error') return ours.message.trim() === theirs.message.trim();
  const said = theirs.message
    .replace(/^(error|failed to load context|evaluation|failed to evaluate policy): /, '')
    .replace(/ \(pod template at [^)]*\)$/, '')
    .replace(/^pod template at \S+: /, '')
    .replace(/^failed to evaluate auditAnnotation ['"][^'"]*['"]: /, '');
  return said.split('; ').every((part) => ours.message.includes(part));
}

/** JSON with its keys in order. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (inner instanceof Number) return inner.valueOf();
    if (typeof inner === 'bigint') return Number(inner);
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function show({ of, subject, ours, theirs }: Pair): string {
  return [
    `${of.about}: ${JSON.stringify(subject)}`,
    `  ours   ${JSON.stringify(ours)}`,
    `  theirs ${JSON.stringify(theirs)}`,
  ].join('\n');
}
