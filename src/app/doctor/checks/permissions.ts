import { ruleFor, watched, watchedByWorker } from '../../cluster/rbac.ts';
import type { Check, Diagnosis } from '../facts.ts';

/** Whether everybody may watch what they need. Asked as whoever calls: run it as the service account of `serve`. */
export const checkPermissions: Check = ({ cluster }) => {
  if (cluster === undefined) return [];
  const refused = cluster.watched.filter(({ problem }) => problem !== undefined);
  if (refused.length === 0)
    return [
      {
        state: 'ok',
        what: 'permissions',
        detail: `${cluster.watched.length} kinds that workers and the background scan watch may be listed`,
      },
    ];
  return refused.map(
    ({ kind, by, problem }): Diagnosis => ({
      state: 'gap',
      what: 'permissions',
      detail: `${kind.kind} objects cannot be watched${by === 'background' ? ' by the background scan, which knows nothing of them' : ''}: ${problem}`,
      help: `allow it: ${ruleFor(by === 'workers' ? watchedByWorker(kind) : watched(kind))}`,
    }),
  );
};
