import type { Reported } from '../model/index.ts';
import { assessReadiness, parseSettings, type Readiness } from '../policy/index.ts';
import { compareResults } from './order.ts';
import { placeProblem } from './place.ts';
import { parsePolicyFiles, readPolicyFiles } from './policies.ts';
import { UsageError } from './usage.ts';

export interface ReadinessReport {
  readonly policies: readonly Readiness[];
  /** Files that could not be read. */
  readonly errors: readonly Reported[];
}

/** What becomes of the policies of some sources. None at all is the caller's mistake. */
export function readReadiness(
  sources: readonly string[],
  set: readonly string[],
  cwd: string,
): ReadinessReport {
  const settings = parseSettings(set);
  if (!settings.ok) throw new UsageError(`--set: ${settings.errors.join('; ')}`);
  const { documents, problems } = parsePolicyFiles(readPolicyFiles(sources, cwd));
  const policies = assessReadiness(documents, { settings: settings.settings });
  if (policies.length === 0 && problems.length === 0)
    throw new UsageError(`no policy in ${sources.join(', ')}`, 'PATH is a file or folder with policies');
  return { policies, errors: problems.map(placeProblem).sort(compareResults) };
}
