/** Which stage a policy is in where a request goes. */
import { hash } from 'node:crypto';
import type { Stage, StageEntry, StageScope, Tier } from '../model/index.ts';
import { isNamed } from './names.ts';

/** What of a request stages hang on. */
export interface Place {
  readonly tier: Tier;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

/** The last entry whose scope holds; a policy without one audits. */
export function stageAt(entries: readonly StageEntry[] | undefined, place: Place): Stage {
  const entry = entries?.findLast(({ scope }) => scope === undefined || holds(scope, place));
  return entry?.stage ?? 'audit';
}

function holds({ tiers, namespaces, percent }: StageScope, place: Place): boolean {
  return (
    (tiers === undefined || tiers.includes(place.tier)) &&
    (namespaces === undefined || isIn(namespaces, place.namespace)) &&
    (percent === undefined || shareOf(place) < percent)
  );
}

/** A cluster-scoped object is in no namespace, whatever the pattern. */
function isIn(patterns: readonly string[], namespace: string): boolean {
  return namespace !== '' && patterns.some((pattern) => isNamed(pattern, namespace));
}

/** From 0 up to 100: always the same for a namespace, or a cluster-scoped object, on every machine. */
function shareOf({ namespace, kind, name }: Place): number {
  const text = namespace === '' ? `${kind}/${name}` : namespace;
  return (Number.parseInt(hash('sha256', text).slice(0, 8), 16) / 2 ** 32) * 100;
}
