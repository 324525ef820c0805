import type { Reported, ResourceOrigin } from '../model/index.ts';
import {
  type Conversion,
  type ConvertTarget,
  compilePolicies,
  convertPolicy,
  parseSettings,
} from '../policy/index.ts';
import { createDiscovery } from '../sources/index.ts';
import { compareResults } from './order.ts';
import { placeProblem } from './place.ts';
import { parsePolicyFiles, readPolicyFiles } from './policies.ts';
import { policySource } from './text.ts';
import { UsageError } from './usage.ts';

export interface ConvertOptions {
  /** `builtin`, files, folders. */
  readonly sources: readonly string[];
  readonly target: ConvertTarget;
  readonly cwd: string;
  /** `NAME=VALUE`. */
  readonly set: readonly string[];
}

export interface ConvertOutcome {
  readonly conversions: readonly Conversion[];
  /** Policies that were refused, and files that could not be read. */
  readonly errors: readonly Reported[];
}

/** The policies of some sources in another format. None at all is the caller's mistake. */
export function convertPolicies({ sources, target, cwd, set: given }: ConvertOptions): ConvertOutcome {
  const parsed = parseSettings(given);
  if (!parsed.ok) throw new UsageError(`--set: ${parsed.errors.join('; ')}`);
  const { settings } = parsed;
  const files = readPolicyFiles(sources, cwd);
  const { documents, problems } = parsePolicyFiles(files);
  const set = compilePolicies(documents, { settings, source: policySource(files.paths) });
  const policies = [...set.policies, ...set.inactive];
  const errors = [...problems, ...set.problems].map(placeProblem).sort(compareResults);
  if (policies.length === 0 && errors.length === 0)
    throw new UsageError(`no policy in ${sources.join(', ')}`, 'PATH is a file or folder with policies');
  const place = ({ file, document, pointer }: ResourceOrigin) => `${file} ${document} ${pointer}`;
  const byPlace = new Map(documents.map(({ object, origin }) => [place(origin), object]));
  const discovery = createDiscovery(
    settings['kubernetes.version'],
    documents.map(({ object }) => object),
  );
  const conversions = policies.map((policy) =>
    convertPolicy(policy, byPlace.get(place(policy.origin))!, target, {
      discovery,
      settings,
      objects: set.objects,
    }),
  );
  return { conversions: conversions.filter(isNew), errors };
}

/** Readings of one policy are refused for the same reason, and that is said once. */
function isNew(conversion: Conversion, index: number, all: readonly Conversion[]): boolean {
  if (!('refused' in conversion)) return true;
  const { policy, refused } = conversion;
  return (
    all.findIndex((other) => other.policy === policy && 'refused' in other && other.refused === refused) ===
    index
  );
}
