import type { ScanOptions } from '../options.ts';
import { openProfiles } from '../profiles.ts';
import { trust } from '../trust.ts';
import { UsageError } from '../usage.ts';
import { neededKinds } from './kinds.ts';
import { openCluster } from './live.ts';
import { clusterRole, readOnce } from './rbac.ts';

/** The ClusterRole that a scan with these options needs. Throws UsageError. */
export async function neededRole(given: ScanOptions): Promise<string> {
  const { options } = trust(given);
  if (options.cluster === undefined)
    throw new UsageError('--print-rbac needs a cluster to say what it serves', 'add --cluster');
  const open = await openCluster(options, options.cluster);
  const [set] = openProfiles(open.options).sets;
  const kinds = neededKinds(set!, open.served, options.podPaths);
  return clusterRole(
    'rampart-scan',
    kinds.map(({ resource }) => readOnce(resource)),
  );
}
