/** The least that the processes of `rampart serve` have to be allowed in a cluster, by the policies that they have. */
import { TARGET } from '../policy/form.ts';
import { apiCalls, type CompiledPolicy } from '../policy/index.ts';
import { type Cluster, connect, type Served, served } from '../sources/index.ts';
import { AUTHORIZER } from './admission/authorizer.ts';
import { kindsFor } from './admission/environment.ts';
import { kindsLookedAt, WEBHOOKS } from './background/environment.ts';
import { reportRights } from './background/report-object.ts';
import { DEFINITIONS } from './cluster/definitions.ts';
import { clusterRole, type Right, watched, watchedByWorker } from './cluster/rbac.ts';
import { policyKinds, watchPolicies } from './controller/watched-policies.ts';
import type { BuiltSnapshot } from './snapshot/build.ts';
import type { CompiledSnapshot } from './snapshot/compile.ts';
import { snapshotOfData } from './snapshot/find.ts';
import { withWatched } from './snapshot/watched.ts';
import { UsageError } from './usage.ts';

/** An object in YAML, and what is not in it that may have to be. */
export interface ServiceRole {
  readonly text: string;
  readonly notes: readonly string[];
}

export interface ServeRoleOptions {
  /** Context; undefined: none was named. */
  readonly cluster: string | undefined;
  readonly build: () => BuiltSnapshot;
  /** Whether admission workers are started here, as whoever this is. */
  readonly workers: boolean;
  readonly reports: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Of all processes that `rampart serve` starts, by the policies of the configuration and of the cluster. */
export async function serveRole({
  build,
  workers,
  reports,
  now,
  ...options
}: ServeRoleOptions): Promise<ServiceRole> {
  const { cluster, said } = await reached(options.cluster);
  const { snapshot, notes } = await besidePolicies(build(), cluster, now);
  const parts = [
    ofController(said),
    ofBackground(snapshot, said, reports),
    ...(workers ? [ofWorker(snapshot, said)] : []),
  ];
  return { text: roleText('rampart-serve', parts), notes };
}

export interface ProcessRoleOptions {
  readonly cluster: string | undefined;
  /** As the user named it. */
  readonly data: string;
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Of `rampart admission`, by the snapshot in force in a data folder. */
export async function workerRole({ data, cwd, now, ...options }: ProcessRoleOptions): Promise<ServiceRole> {
  const { said } = await reached(options.cluster);
  const { snapshot } = snapshotOfData(data, cwd, now);
  return { text: roleText('rampart-admission', [ofWorker(snapshot, said)]), notes: [] };
}

/** Of `rampart background`, by the snapshot in force in a data folder. */
export async function backgroundRole(
  { data, cwd, now, ...options }: ProcessRoleOptions,
  reports: boolean,
): Promise<ServiceRole> {
  const { said } = await reached(options.cluster);
  const { snapshot } = snapshotOfData(data, cwd, now);
  return { text: roleText('rampart-background', [ofBackground(snapshot, said, reports)]), notes: [] };
}

async function reached(
  context: string | undefined,
): Promise<{ readonly cluster: Cluster; readonly said: Served }> {
  if (context === undefined)
    throw new UsageError('--print-rbac needs a cluster to say what it serves', 'add --cluster');
  try {
    const cluster = await connect(context);
    return { cluster, said: await served(cluster) };
  } catch (error) {
    throw new UsageError(`--cluster: ${error instanceof Error ? error.message : error}`);
  }
}

/** With the policies that are objects of the cluster, as far as whoever calls may see them. */
async function besidePolicies(
  { content, stages }: BuiltSnapshot,
  cluster: Cluster,
  now: number,
): Promise<{ readonly snapshot: CompiledSnapshot; readonly notes: readonly string[] }> {
  const policies = await watchPolicies(cluster);
  try {
    await policies.ready;
    const objects = policies.objects();
    if (objects === undefined)
      throw new UsageError('--cluster: its policies were not listed in time', 'try again');
    const snapshot = withWatched(content, objects, new Map(), { now, stages }).compiled;
    return {
      snapshot,
      notes: policies.problems().map((problem) => `what these policies look up is left out: ${problem}`),
    };
  } finally {
    await policies.close();
  }
}

/** Of one process. */
interface Part {
  readonly rights: readonly Right[];
  readonly remarks: readonly string[];
}

function roleText(name: string, parts: readonly Part[]): string {
  const remarks = new Set(parts.flatMap((part) => part.remarks));
  return clusterRole(
    name,
    parts.flatMap(({ rights }) => rights),
    [...remarks],
  );
}

/** It watches policies. */
function ofController(said: Served): Part {
  return { rights: [...policyKinds(said), DEFINITIONS].map(watched), remarks: [] };
}

function ofWorker(snapshot: CompiledSnapshot, said: Served): Part {
  const { rights, remarks } = askedByWorker(snapshot, said);
  return {
    rights: [...kindsFor(snapshot)(said).map(watchedByWorker), watched(DEFINITIONS), ...rights],
    remarks,
  };
}

/** What a worker asks the API server for because policies ask for it. */
export function askedByWorker(snapshot: CompiledSnapshot, said: Served): Part {
  // What changes objects that exist is asked about nothing.
  const policies = policiesOf(snapshot).filter(({ variant }) => variant !== TARGET);
  const { authorizer } = apiCalls(policies);
  const { rights, remarks } = readBy(policies, said);
  return { rights: [...rights, ...(authorizer ? [AUTHORIZER] : [])], remarks };
}

function ofBackground(snapshot: CompiledSnapshot, said: Served, reports: boolean): Part {
  // What only changes requests has nothing to say of objects that exist.
  const policies = policiesOf(snapshot).filter(({ mutations }) => mutations.length === 0);
  const { rights, remarks } = readBy(policies, said);
  const written = reports ? reportRights(said) : [];
  return {
    rights: [
      ...kindsLookedAt(snapshot)(said).map(watched),
      ...[DEFINITIONS, WEBHOOKS].map(watched),
      ...rights,
      ...written,
    ],
    remarks: [
      ...remarks,
      ...(reports && written.length === 0
        ? [
            '--reports: the cluster serves neither OpenReports nor PolicyReports; print this again when it does.',
          ]
        : []),
    ],
  };
}

function policiesOf({ set, observed }: CompiledSnapshot): readonly CompiledPolicy[] {
  return [...set.policies, ...observed.policies];
}

/** What expressions look up by `resource.get` and `resource.list`. */
function readBy(policies: readonly CompiledPolicy[], { resources }: Served): Part {
  const { reads, computed } = apiCalls(policies);
  const rights = reads.flatMap(({ verb, apiVersion, of }): Right[] => {
    const found = resources.find(
      ({ group, version, resource, kind }) =>
        apiVersion === (group === '' ? version : `${group}/${version}`) &&
        ('kind' in of ? of.kind === kind : of.resource === resource),
    );
    return found === undefined ? [] : [{ group: found.group, resource: found.resource, verbs: [verb] }];
  });
  const remarks = computed.map(
    (id) =>
      `${JSON.stringify(id)} looks up (resource.get, resource.list) of kinds that it computes: add what it may name.`,
  );
  return { rights, remarks };
}
