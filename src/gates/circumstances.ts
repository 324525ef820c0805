/** What a decision about an object hangs on beside what policies find: where it is, and what the snapshot says of that. */
import { type Circumstances, stageAt, tierOf } from '../decision/index.ts';
import type { JsonMap, ResourceRef } from '../model/index.ts';
import type { DecidingSnapshot } from './deciding.ts';

export interface Surrounded {
  /** Labels of a namespace; null where they are not known. */
  readonly namespaceLabels: (namespace: string) => JsonMap | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** @param object Null where it is not there. */
export function circumstancesOf(
  { tiers, observed, stages, unaccepted, exemptions, digest }: DecidingSnapshot,
  { namespace, kind, name }: ResourceRef,
  object: JsonMap | null,
  { namespaceLabels, now }: Surrounded,
): Circumstances {
  const labels = namespace === '' ? null : namespaceLabels(namespace);
  const tier = tierOf(tiers, namespace, labels, labelsOf(object));
  const place = { tier, namespace, kind, name };
  return {
    stageOf: (policy, validation) =>
      observed.has(policy) ||
      (validation !== undefined && unaccepted?.[policy]?.includes(validation) === true)
        ? 'audit'
        : stageAt(stages[policy], place),
    exemptions,
    tier,
    snapshot: digest,
    now: now(),
  };
}

function labelsOf(object: JsonMap | null): JsonMap {
  const metadata = object?.['metadata'] as JsonMap | undefined | null;
  const labels = metadata?.['labels'];
  return typeof labels === 'object' && labels !== null ? (labels as JsonMap) : {};
}
