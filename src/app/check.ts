import type { Reported } from '../model/index.ts';
import { type CheckReport, checkPolicies, parseSettings } from '../policy/index.ts';
import { createDiscovery, createSchemas } from '../sources/index.ts';
import { readContext } from './context.ts';
import { compareResults } from './order.ts';
import { placeProblem } from './place.ts';
import { parsePolicyFiles, readPolicyFiles } from './policies.ts';
import { policySource } from './text.ts';
import { UsageError } from './usage.ts';

export interface CheckOptions {
  /** `builtin`, files, folders. */
  readonly sources: readonly string[];
  readonly cwd: string;
  /** `NAME=VALUE`. */
  readonly set: readonly string[];
  readonly schemas: readonly string[];
}

/** What is wrong with policies, each with its place in the policy's file. */
export interface CheckOutcome {
  /** Policies that compile. */
  readonly policies: number;
  readonly errors: readonly Reported[];
  readonly warnings: readonly Reported[];
}

/** Compiles policies and says what is wrong or doubtful. No policy at all is the caller's mistake. */
export function checkPolicyFiles(options: CheckOptions): CheckOutcome {
  const settings = parseSettings(options.set);
  if (!settings.ok) throw new UsageError(`--set: ${settings.errors.join('; ')}`);
  const files = readPolicyFiles(options.sources, options.cwd);
  const { documents, problems } = parsePolicyFiles(files);
  const minor = settings.settings['kubernetes.version'];
  const { definitions } = readContext({ context: [], userinfo: undefined, answers: undefined, ...options });
  const objects = [...definitions, ...documents].map(({ object }) => object);
  const report: CheckReport = checkPolicies(documents, {
    settings: settings.settings,
    source: policySource(files.paths),
    discovery: createDiscovery(minor, objects),
    schemas: createSchemas(minor, objects),
  });
  const errors = [...problems, ...report.problems];
  if (report.policies.length === 0 && errors.length === 0)
    throw new UsageError(`no policy in ${options.sources.join(', ')}`);
  const place = (all: readonly Parameters<typeof placeProblem>[0][]) =>
    all.map(placeProblem).sort(compareResults);
  return {
    policies: new Set(report.policies.map(({ id }) => id)).size,
    errors: place(errors),
    warnings: place(report.warnings),
  };
}
