/**
 * What admission plug-ins of a default API server add to every Pod before policies see it, as far as it is the same for
 * each: the service account, the priority, tolerations. The volume with the account's token has a random name and the
 * account's pull secrets are known to the cluster alone: those are not added.
 */
import type { JsonMap } from '../../../model/index.ts';
import { absent, type Draft, mapIn } from './rule.ts';

const SECONDS = 300;

/** @param given The Pod with its defaults. */
export function withPluginDefaults(given: JsonMap): JsonMap {
  const pod: Draft = { ...given };
  const spec = mapIn(pod, 'spec');
  if (spec === undefined) return given;
  // ServiceAccount
  const account = spec['serviceAccountName'] || 'default';
  Object.assign(spec, { serviceAccountName: account, serviceAccount: account });
  // Priority: of a named class nobody here knows the value.
  if (!spec['priorityClassName']) absent(spec, { priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
  // DefaultTolerationSeconds
  const tolerations = Array.isArray(spec['tolerations']) ? (spec['tolerations'] as Draft[]) : [];
  const added = ['not-ready', 'unreachable']
    .map((name) => `node.kubernetes.io/${name}`)
    .filter((key) => !tolerations.some((toleration) => tolerates(toleration, key)))
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS }));
  if (added.length > 0) spec['tolerations'] = [...tolerations, ...added];
  return pod;
}

function tolerates({ key, effect }: Draft, taint: string): boolean {
  return (key === taint || !key) && (effect === 'NoExecute' || !effect);
}
