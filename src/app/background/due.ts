/** Whether the API server had to ask about an object that changed: by Rampart's own webhook configurations as they are now. */
import {
  changedAt,
  type JsonMap,
  type LiveName,
  type LiveObjects,
  type Resource,
} from '../../model/index.ts';
import { parseApiVersion } from '../../policy/index.ts';
import { compileSelector, selects } from '../../policy/match/labels.ts';

export interface WatchedWebhook {
  /** When its configuration was made: RFC 3339. */
  readonly since: string;
  readonly rules: readonly JsonMap[];
  readonly namespaceSelector: JsonMap;
  readonly objectSelector: JsonMap;
}

const CONFIGURATIONS: LiveName = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
};
/** As doctor knows them: whatever their configuration is called. */
const OWN = '.rampart.dev';

/** Whether it is one that may make the API server ask a worker: then other changes are due. */
export function isOwnConfiguration({ ref, object }: Resource): boolean {
  if (ref.kind !== CONFIGURATIONS.kind || parseApiVersion(ref.apiVersion).group !== CONFIGURATIONS.group)
    return false;
  return ((object['webhooks'] ?? []) as readonly JsonMap[]).some(isOwn);
}

function isOwn({ name }: JsonMap): boolean {
  return String(name).endsWith(OWN);
}

/** One with match conditions is none: whether they held, only the API server knows. */
export function watchedWebhooks(live: Pick<LiveObjects, 'list'>): readonly WatchedWebhook[] {
  return [...live.list(CONFIGURATIONS)].flatMap(({ object }) => {
    const { creationTimestamp } = object['metadata'] as JsonMap;
    const entries = (object['webhooks'] ?? []) as readonly JsonMap[];
    return entries
      .filter((entry) => isOwn(entry) && isEmpty(entry['matchConditions']))
      .map((entry) => ({
        since: String(creationTimestamp),
        rules: (entry['rules'] ?? []) as readonly JsonMap[],
        namespaceSelector: (entry['namespaceSelector'] ?? {}) as JsonMap,
        objectSelector: (entry['objectSelector'] ?? {}) as JsonMap,
      }));
  });
}

/**
 * @param plural As paths name the kind.
 * @param namespaceLabels Null where they are not known: then nobody knows whether it was due.
 */
export function isDue(
  webhooks: readonly WatchedWebhook[],
  { ref, object, changedAt: at = changedAt(object), changedThrough = '' }: Resource,
  plural: string,
  namespaceLabels: JsonMap | null,
): boolean {
  const { group } = parseApiVersion(ref.apiVersion);
  const labels = ((object['metadata'] as JsonMap)['labels'] ?? {}) as JsonMap;
  return webhooks.some(({ since, rules, namespaceSelector, objectSelector }) => {
    if (at < since || !rules.some((rule) => covers(rule, group, plural, changedThrough))) return false;
    if (!selects(compileSelector(objectSelector), labels)) return false;
    const selected =
      ref.kind === 'Namespace' && group === '' ? { ...labels, ...nameLabel(ref.name) } : namespaceLabels;
    if (ref.namespace === '' && ref.kind !== 'Namespace') return true;
    return selected !== null && selects(compileSelector(namespaceSelector), selected);
  });
}

/** Other versions of a kind are asked about as well: matchPolicy Equivalent, which doctor asks for. */
function covers(rule: JsonMap, group: string, plural: string, subresource: string): boolean {
  const has = (field: string, ...names: string[]) =>
    ((rule[field] ?? []) as readonly unknown[]).some((one) => one === '*' || names.includes(String(one)));
  if (subresource !== '') {
    const { resources = [] } = rule as { readonly resources?: readonly string[] };
    // `*` alone is no subresource.
    const names = [plural, '*'].flatMap((name) => [`${name}/${subresource}`, `${name}/*`]);
    return (
      has('apiGroups', group) && has('operations', 'UPDATE') && resources.some((one) => names.includes(one))
    );
  }
  return (
    has('apiGroups', group) &&
    has('resources', plural, '*/*') &&
    has('operations', 'CREATE') &&
    has('operations', 'UPDATE')
  );
}

function nameLabel(name: string): JsonMap {
  return { 'kubernetes.io/metadata.name': name };
}

function isEmpty(list: unknown): boolean {
  return !Array.isArray(list) || list.length === 0;
}
