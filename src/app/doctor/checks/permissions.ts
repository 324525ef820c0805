import { AUTHORIZER } from '../../admission/authorizer.ts';
import { ruleFor, watched, watchedByWorker } from '../../cluster/rbac.ts';
import type { Check, Diagnosis } from '../facts.ts';

/** Whether everybody may watch what they need. Asked as whoever calls: run it as the service account of `serve`. */
export const checkPermissions: Check = ({ cluster }) => {
  if (cluster === undefined) return [];
  const unlisted = cluster.watched.filter(({ problem }) => problem !== undefined);
  const unasked = cluster.refused.map(
    (right): Diagnosis => ({
      state: 'gap',
      what: 'permissions',
      detail:
        right.resource === AUTHORIZER.resource
          ? 'nobody may be asked who may do what: policies that ask take it that nobody may'
          : `${right.resource} may not be asked for (${right.verbs.join()}): policies that do are errors`,
      help: `allow it: ${ruleFor(right)}`,
    }),
  );
  if (unlisted.length + unasked.length === 0)
    return [
      {
        state: 'ok',
        what: 'permissions',
        detail: `${cluster.watched.length} kinds that workers and the background scan watch may be listed`,
      },
    ];
  const unwatched = unlisted.map(
    ({ kind, by, problem }): Diagnosis => ({
      state: 'gap',
      what: 'permissions',
      detail: `${kind.kind} objects cannot be watched${by === 'background' ? ' by the background scan, which knows nothing of them' : ' by workers, where policies that need them are errors'}: ${problem}`,
      help: `allow it: ${ruleFor(by === 'workers' ? watchedByWorker(kind) : watched(kind))}`,
    }),
  );
  return [...unwatched, ...unasked];
};
