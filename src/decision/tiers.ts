/** How much it matters what a request changes. */
import { type JsonMap, TIERS, type Tier, type Tiers } from '../model/index.ts';

/** On a Namespace: its tier, where the platform's own list says nothing. On an object: a higher one than its namespace's. */
export const TIER_LABEL = 'rampart.dev/tier';

/**
 * The platform's list goes before the label of the namespace; what nobody says is the default. An object raises its own
 * tier, and never lowers it.
 *
 * @param namespace Empty for cluster-scoped objects.
 * @param namespaceLabels Null where they are not known: then the highest tier is meant, whatever the default.
 */
export function tierOf(
  tiers: Tiers,
  namespace: string,
  namespaceLabels: JsonMap | null,
  objectLabels: JsonMap,
): Tier {
  const own = tierOfNamespace(tiers, namespace, namespaceLabels);
  const raised = asTier(objectLabels[TIER_LABEL]);
  return raised !== undefined && TIERS.indexOf(raised) > TIERS.indexOf(own) ? raised : own;
}

function tierOfNamespace(tiers: Tiers, namespace: string, labels: JsonMap | null): Tier {
  if (namespace === '') return tiers.default;
  if (Object.hasOwn(tiers.namespaces, namespace)) return tiers.namespaces[namespace]!;
  return labels === null ? 'high' : (asTier(labels[TIER_LABEL]) ?? tiers.default);
}

function asTier(value: unknown): Tier | undefined {
  return TIERS.find((tier) => tier === value);
}
