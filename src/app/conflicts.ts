import type { Reported } from '../model/index.ts';
import { type ConflictReport, compilePolicies, findConflicts, parseSettings } from '../policy/index.ts';
import { createDiscovery, createSchemas } from '../sources/index.ts';
import { readContext } from './context.ts';
import { compareResults } from './order.ts';
import { placeProblem } from './place.ts';
import { parsePolicyFiles, readPolicyFiles } from './policies.ts';
import { policySource } from './text.ts';
import { UsageError } from './usage.ts';

export interface ConflictsOptions {
  /** `builtin`, files, folders. */
  readonly sources: readonly string[];
  readonly cwd: string;
  /** `NAME=VALUE`. */
  readonly set: readonly string[];
  /** Files with CustomResourceDefinitions. */
  readonly schemas: readonly string[];
}

export interface ConflictsOutcome extends ConflictReport {
  /** Policies that were refused, and files that could not be read. */
  readonly errors: readonly Reported[];
}

/** Compares the policies of some sources with each other. None at all is the caller's mistake. */
export function readConflicts(options: ConflictsOptions): ConflictsOutcome {
  const settings = parseSettings(options.set);
  if (!settings.ok) throw new UsageError(`--set: ${settings.errors.join('; ')}`);
  const files = readPolicyFiles(options.sources, options.cwd);
  const { documents, problems } = parsePolicyFiles(files);
  const compiled = compilePolicies(documents, {
    settings: settings.settings,
    source: policySource(files.paths),
    lazy: options.sources.every((source) => source === 'builtin'),
  });
  // What changes objects forbids none.
  const policies = compiled.policies.filter(({ mutations }) => mutations.length === 0);
  const set = { ...compiled, policies };
  const minor = settings.settings['kubernetes.version'];
  const { definitions } = readContext({ context: [], userinfo: undefined, answers: undefined, ...options });
  const objects = [...definitions, ...documents].map(({ object }) => object);
  const errors = [...problems, ...set.problems].map(placeProblem).sort(compareResults);
  if (set.policies.length === 0 && errors.length === 0)
    throw new UsageError(
      `no policy that validates in ${options.sources.join(', ')}`,
      'PATH is a file or folder with policies',
    );
  const report = findConflicts(set, {
    discovery: createDiscovery(minor, objects),
    schemas: createSchemas(minor, objects),
  });
  return { ...report, errors };
}
