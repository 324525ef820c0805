import type { CompiledPolicy } from '../../../policy/index.ts';
import type { Check, Diagnosis, Webhook } from '../facts.ts';

type Rule = CompiledPolicy['match']['resourceRules'][number];

/** What policies look at, and no webhook asks about. */
export const checkKinds: Check = ({ snapshot, cluster }) => {
  const webhooks = cluster?.webhooks;
  if (snapshot === undefined || webhooks === undefined || webhooks.length === 0) return [];
  const missing = new Map<string, Set<string>>();
  for (const policy of snapshot.set.policies) {
    const mutating = policy.mutations.length > 0;
    const asking = webhooks.filter((webhook) => webhook.mutating === mutating);
    for (const what of policy.match.resourceRules.flatMap((rule) => uncovered(rule, asking)))
      missing.set(what, (missing.get(what) ?? new Set()).add(policy.id));
  }
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

/** `operation of resource.group` that no webhook's rules hold. */
function uncovered(rule: Rule, webhooks: readonly Webhook[]): string[] {
  const rules = webhooks.flatMap((webhook) => webhook.rules);
  return rule.apiGroups.flatMap((group) =>
    rule.resources.flatMap(({ resource, subresource }) => {
      const name = subresource === '' ? resource : `${resource}/${subresource}`;
      const left = rule.operations.filter(
        (operation) =>
          !rules.some(
            ({ apiGroups, resources, operations }) =>
              holds(apiGroups, group) &&
              holds(operations, operation) &&
              holdsResource(resources, resource, subresource),
          ),
      );
      return left.length === 0 ? [] : [`${left.join(', ')} of ${name}${group === '' ? '' : `.${group}`}`];
    }),
  );
}

function holds(items: readonly string[], item: string): boolean {
  return items.includes('*') || items.includes(item);
}

/** A rule on `*` is one on every resource and no subresource. */
function holdsResource(patterns: readonly string[], resource: string, subresource: string): boolean {
  return patterns.some((pattern) => {
    const [name, sub = ''] = pattern.split('/');
    return (name === '*' || name === resource) && (sub === '*' || sub === subresource);
  });
}

const MOST = 5;

function some(ids: readonly string[]): string {
  return ids.length <= MOST
    ? ids.join(', ')
    : `${ids.slice(0, MOST).join(', ')} and ${ids.length - MOST} more`;
}
