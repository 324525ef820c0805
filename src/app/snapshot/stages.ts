/** `stages` of rampart.yaml, which select policies → stages by policy. */
import type { StageRule } from '../../config/index.ts';
import { type StageEntry, type StageScope, TIERS } from '../../model/index.ts';
import { type PolicySet, selectPolicies } from '../../policy/index.ts';
import { UsageError } from '../usage.ts';
import { byCodeUnit } from './content.ts';

/** Names the place of what stands at keys and indexes below `stages`. */
export type SaysIn = (inside: readonly string[]) => string;

/**
 * The stages of each policy by id, in the order of the rules. A term that no policy fits, and a rule whose terms no policy
 * fits at once, are UsageErrors: most often a name is misspelt, and then something would not be enforced.
 *
 * @param awaited Takes, where policies of a cluster may come besides, what is to be said of rules that name none by `id=` so far.
 */
export function stagesOf(
  rules: readonly StageRule[],
  set: PolicySet,
  says: SaysIn,
  awaited?: string[],
): Record<string, readonly StageEntry[]> {
  const all = { ...set, policies: [...set.policies, ...set.inactive] };
  const errors: string[] = [];
  const stages = new Map<string, StageEntry[]>();
  for (const [index, { select, stage, scope }] of rules.entries()) {
    const faults: string[] = [];
    const ids = policiesOf(select, all, (inside) => says([String(index), 'select', ...inside]), faults);
    if (awaited !== undefined && select.every((term) => term.startsWith('id=')))
      awaited.push(...faults.map((fault) => `${fault}; it counts once the cluster has such a policy`));
    else errors.push(...faults);
    const entry = { stage, ...(isEverywhere(scope) ? {} : { scope: scopeOf(scope) }) };
    for (const id of ids) stages.set(id, [...(stages.get(id) ?? []), entry]);
  }
  if (errors.length > 0) throw new UsageError(errors.join('\n'));
  return Object.fromEntries([...stages].sort(([a], [b]) => byCodeUnit(a, b)));
}

/** The stages that the same rules give to more policies; what fits none is nobody's mistake here. */
export function moreStages(
  rules: readonly StageRule[],
  set: PolicySet,
): Record<string, readonly StageEntry[]> {
  const fitting = rules.filter(({ select }) => policiesOf(select, set, () => '', []).size > 0);
  return stagesOf(fitting, set, (inside) => inside.join('.'));
}

function policiesOf(
  select: readonly string[],
  set: PolicySet,
  says: SaysIn,
  errors: string[],
): ReadonlySet<string> {
  const wrong = select.flatMap((term, i) => faultsOf([term], set, says([String(i)])));
  errors.push(...(wrong.length > 0 ? wrong : faultsOf(select, set, says([]))));
  const found = wrong.length > 0 ? undefined : selectPolicies(set, { select });
  return new Set(found?.ok === true ? found.set.policies.map(({ id }) => id) : []);
}

function faultsOf(select: readonly string[], set: PolicySet, name: string): readonly string[] {
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
