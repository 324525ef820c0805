import { SETTINGS } from '../../../policy/index.ts';
import type { Check, Diagnosis } from '../facts.ts';

/** Whether policies are read as the cluster would read them. */
export const checkVersions: Check = ({ cluster, snapshot }) => {
  if (cluster === undefined) return [];
  const { minor, stale } = cluster.served;
  const { last } = SETTINGS['kubernetes.version'];
  const set = snapshot?.set.settings['kubernetes.version'];
  const found: Diagnosis[] = [];
  if (minor > last)
    found.push(
      gap(
        `the cluster is v1.${minor}, newer than v1.${last}, the latest that this version knows`,
        'upgrade Rampart',
      ),
    );
  else if (set !== undefined && set !== minor)
    found.push(
      gap(
        `policies are read as v1.${set} reads them, and the cluster is v1.${minor}`,
        `set kubernetes.version to v1.${minor} under settings in rampart.yaml`,
      ),
    );
  else found.push({ state: 'ok', what: 'versions', detail: `the cluster is v1.${minor}` });
  for (const group of stale)
    found.push(
      gap(
        `what the API group ${group} serves is not known: its own server does not answer`,
        'look at its APIService',
      ),
    );
  return found;
};

function gap(detail: string, help: string): Diagnosis {
  return { state: 'gap', what: 'versions', detail, help };
}
