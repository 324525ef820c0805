/** `stages` of rampart.yaml, which select policies → stages by policy. */
import type { StageRule } from '../../config/index.ts';
import { type StageEntry, type StageScope, TIERS } from '../../model/index.ts';
import { isSelected, type PolicySet, selectPolicies, unknownTerms } from '../../policy/index.ts';
import { UsageError } from '../usage.ts';
import { byCodeUnit } from './content.ts';

/** Names the place of what stands at keys and indexes below `stages`. */
export type SaysIn = (inside: readonly string[]) => string;

/**
 * The stages of each policy by id, in the order of the rules. A term that no policy fits, and a rule whose terms no policy
 * fits at once, are UsageErrors: most often a name is misspelt, and then something would not be enforced.
 *
 * @param awaited Takes, where policies of a cluster may come besides, what is to be said of those that `id=` names and nobody
 * has so far. The policies that a rule names beside them have their stage all the same.
 */
export function stagesOf(
  rules: readonly StageRule[],
  set: PolicySet,
  says: SaysIn,
  awaited?: string[],
): Record<string, readonly StageEntry[]> {
  const all = withInactive(set);
  const known = new Set(all.policies.map(({ id }) => id));
  const errors: string[] = [];
  for (const [index, { select }] of rules.entries()) {
    const name = (inside: readonly string[]) => says([String(index), 'select', ...inside]);
    const terms = select.map((term, i) =>
      splitTerm(term, awaited === undefined ? undefined : known, name([String(i)])),
    );
    const missing = terms.flatMap(({ missing, name }) => unknownTerms(all, missing, name));
    awaited?.push(...missing.map((fault) => `${fault} It counts once the cluster has such a policy.`));
    // What terms come to hangs on those that are awaited, too.
    const faults = missing.length > 0 ? unknownTerms : faultsOf;
    const wrong = terms.flatMap(({ term, name }) => (term === undefined ? [] : faults(all, [term], name)));
    errors.push(...(wrong.length + missing.length > 0 ? wrong : faultsOf(all, select, name([]))));
  }
  if (errors.length > 0) throw new UsageError(errors.join('\n'));
  return stagesAmong(rules, all);
}

/** The stages that the same rules give to more policies; what fits none is nobody's mistake here. */
export function moreStages(
  rules: readonly StageRule[],
  set: PolicySet,
): Record<string, readonly StageEntry[]> {
  return stagesAmong(rules, withInactive(set));
}

function withInactive(set: PolicySet): PolicySet {
  return { ...set, policies: [...set.policies, ...set.inactive] };
}

function stagesAmong(
  rules: readonly StageRule[],
  { policies }: PolicySet,
): Record<string, readonly StageEntry[]> {
  const stages = new Map<string, StageEntry[]>();
  for (const { select, stage, scope } of rules) {
    const entry = { stage, ...(isEverywhere(scope) ? {} : { scope: scopeOf(scope) }) };
    const ids = new Set(policies.filter((policy) => isSelected(policy, select)).map(({ id }) => id));
    for (const id of ids) stages.set(id, [...(stages.get(id) ?? []), entry]);
  }
  return Object.fromEntries([...stages].sort(([a], [b]) => byCodeUnit(a, b)));
}

interface SplitTerm {
  /** With what is known of it; undefined: nothing is. */
  readonly term: string | undefined;
  /** A term for each id that nobody has. */
  readonly missing: readonly string[];
  /** Of its place. */
  readonly name: string;
}

/** @param known Ids that somebody has; undefined: nobody waits for others. */
function splitTerm(term: string, known: ReadonlySet<string> | undefined, name: string): SplitTerm {
  if (known === undefined || !term.startsWith(ID)) return { term, missing: [], name };
  const ids = term
    .slice(ID.length)
    .split(',')
    .map((id) => id.trim());
  // Nobody will ever be called nothing.
  const isMissing = (id: string) => id !== '' && !known.has(id);
  const here = ids.filter((id) => !isMissing(id));
  return {
    term: here.length === 0 ? undefined : `${ID}${here.join(',')}`,
    missing: ids.filter(isMissing).map((id) => `${ID}${id}`),
    name,
  };
}

const ID = 'id=';

function faultsOf(set: PolicySet, select: readonly string[], name: string): readonly string[] {
  const found = selectPolicies(set, { select, names: { select: name, skip: '' } });
  return found.ok ? [] : found.errors;
}

function isEverywhere(scope: StageScope | undefined): scope is undefined {
  return scope === undefined || Object.values(scope).every((part) => part === undefined);
}

/** What means the same is written the same. */
function scopeOf({ tiers, namespaces, percent }: StageScope): StageScope {
  return {
    ...(tiers === undefined ? {} : { tiers: TIERS.filter((tier) => tiers.includes(tier)) }),
    ...(namespaces === undefined ? {} : { namespaces: [...new Set(namespaces)].sort(byCodeUnit) }),
    ...(percent === undefined ? {} : { percent }),
  };
}
