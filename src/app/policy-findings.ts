import type { Reported } from '../model/index.ts';
import type { DiffOptions } from './diff-options.ts';
import { plainOptions } from './plain-options.ts';
import { scan } from './scan.ts';

/** What the policies of a source find on the manifests of a comparison. */
export async function findingsOf(source: string, options: DiffOptions): Promise<readonly Reported[]> {
  const { paths, cwd, set, namespace, defaults, context, cache, rendering } = options;
  const asked = { paths, cwd, set, namespace, defaults, context, cache, rendering };
  return (await scan(plainOptions({ ...asked, policies: [source], select: ['set=all'] }))).report.results;
}
