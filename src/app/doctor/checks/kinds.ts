import { parseResource } from '../../../policy/match/rules.ts';
import { type AskedAtom, atomsOf, holds } from '../../webhook/atoms.ts';
import { type Need, needsOf, needsOfCarriers } from '../../webhook/needs.ts';
import { isNever } from '../../webhook/never.ts';
import type { Check, Diagnosis, Webhook } from '../facts.ts';

/** What policies look at, and no webhook asks about. */
export const checkKinds: Check = ({ snapshot, cluster }) => {
  const webhooks = cluster?.webhooks;
  if (snapshot === undefined || webhooks === undefined || webhooks.length === 0) return [];
  const missing = new Map<string, Set<string>>();
  const note = (needs: readonly Need[], mutating: boolean, who: string) => {
    for (const what of uncovered(needs, asked[mutating ? 'mutate' : 'validate']))
      missing.set(what, (missing.get(what) ?? new Set()).add(who));
  };
  const asked = { validate: askedBy(webhooks, false), mutate: askedBy(webhooks, true) };
  for (const [policy, needs] of needsOf(snapshot)) note(needs, policy.mutations.length > 0, policy.id);
  note(needsOfCarriers(snapshot), false, 'pod templates and expansions');
  if (missing.size === 0)
    return [{ state: 'ok', what: 'kinds', detail: 'all that the policies look at is asked about' }];
  return [...missing].sort().map(
    ([what, policies]): Diagnosis => ({
      state: 'gap',
      what: 'kinds',
      detail: `nobody is asked about ${what}: ${some([...policies].sort())}`,
      help: 'apply rampart webhook manifest again: it asks for what the policies look at',
    }),
  );
};

function askedBy(webhooks: readonly Webhook[], mutating: boolean): AskedAtom[] {
  const rules = webhooks.filter((webhook) => webhook.mutating === mutating).flatMap(({ rules }) => rules);
  return atomsOf(
    rules.map(({ resources, ...rule }) => ({ ...rule, resources: resources.map(parseResource) })),
  );
}

/** `operation of resource.group` that the rules do not hold. Versions stand for each other: matchPolicy is Equivalent. */
function uncovered(needs: readonly Need[], asked: readonly AskedAtom[]): string[] {
  return atomsOf(needs.map((need) => ({ ...need, apiVersions: ['*'] }))).flatMap((atom) => {
    if (isNever(atom)) return [];
    const holding = asked.filter((one) => holds({ ...one, version: '*' }, { ...atom, operations: [] }));
    const left = atom.operations.filter(
      (operation) => !holding.some((one) => one.operations.includes(operation)),
    );
    const { group, resource, subresource } = atom;
    const name = subresource === '' ? resource : `${resource}/${subresource}`;
    return left.length === 0 ? [] : [`${left.join(', ')} of ${name}${group === '' ? '' : `.${group}`}`];
  });
}

const MOST = 5;

function some(ids: readonly string[]): string {
  return ids.length <= MOST
    ? ids.join(', ')
    : `${ids.slice(0, MOST).join(', ')} and ${ids.length - MOST} more`;
}
