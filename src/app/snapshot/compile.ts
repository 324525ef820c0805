/** A snapshot's content → what gates evaluate: compiled as CI compiles the same documents. */
import type {
  Exemption,
  Problem,
  Resource,
  SnapshotContent,
  SnapshotDocument,
  StageEntry,
  Tiers,
} from '../../model/index.ts';
import {
  type CompiledPolicy,
  compilingPolicies,
  newReuse,
  type PodPath,
  type PolicySet,
  type PolicySource,
  parseSettings,
  type Reuse,
  type Settings,
} from '../../policy/index.ts';
import { withSeverity } from '../compile.ts';
import { parsePodPath } from '../pod-paths.ts';
import { assignments, contentText, digestOf, resourceOf } from './content.ts';
import { atOnce, type Pausing, withPauses } from './steps.ts';

export interface CompiledSnapshot {
  readonly digest: string;
  readonly content: SnapshotContent;
  /** The selected policies that decide. */
  readonly set: PolicySet;
  /** Policies of other engines in the cluster: evaluated in the background and counted; nothing is denied or mutated for them. */
  readonly observed: PolicySet;
  /** By id of a policy of `set`. */
  readonly stages: ReadonlyMap<string, readonly StageEntry[]>;
  readonly tiers: Tiers;
  readonly exemptions: readonly Exemption[];
  readonly podPaths: readonly PodPath[];
  /** What cannot be compiled: nothing, in a snapshot that was proved by this version. */
  readonly problems: readonly Problem[];
  /** To compile the next one sooner. */
  readonly known: Known;
}

/** What was read and compiled; held by a snapshot, so that what no snapshot has any more is forgotten. */
export interface Known {
  readonly settings: Settings;
  /** By text: the same may stand in several places. */
  readonly resources: ReadonlyMap<string, readonly Resource[]>;
  readonly reuse: Reuse;
  readonly made: Made;
}

/** What documents came to; the same documents come to the same. */
interface Made extends Pick<SnapshotContent, 'documents' | 'policies'> {
  readonly set: PolicySet;
  readonly observed: PolicySet;
  readonly problems: readonly Problem[];
}

export interface CompileOptions {
  /** Milliseconds since the epoch, for exceptions that expire. */
  readonly now: number;
  /** Finds columns, where the files are at hand. */
  readonly source?: PolicySource;
  /** What was compiled before: what did not change is taken from it. The result is the same. */
  readonly previous?: Pick<CompiledSnapshot, 'known'>;
  /** Of the content, where somebody knows it. */
  readonly digest?: string;
}

export function compileSnapshot(content: SnapshotContent, options: CompileOptions): CompiledSnapshot {
  return atOnce(compilingSnapshot(content, options));
}

/** The same beside other work: it lets go of the thread often. */
export function compileAside(
  content: SnapshotContent,
  options: CompileOptions,
  pausing?: Pausing,
): Promise<CompiledSnapshot> {
  return withPauses(compilingSnapshot(content, options), pausing);
}

/** In steps of about a millisecond or less; the first is longer when the digest is not given. */
export function* compilingSnapshot(
  content: SnapshotContent,
  options: CompileOptions,
): Generator<void, CompiledSnapshot> {
  const digest = options.digest ?? digestOf(contentText(content));
  const settings = settingsOf(content);
  const known = startFrom(options.previous?.known, settings);
  const { resources, made } = isMade(content, known.made)
    ? { resources: known.resources, made: known.made! }
    : yield* making(content, known, settings, options);
  const { set, observed, problems } = made;
  return {
    digest,
    content,
    set: withSeverity(set, content.severities),
    observed,
    stages: new Map(Object.entries(content.stages)),
    tiers: content.tiers,
    exemptions: set.exemptions,
    podPaths: content.podPaths.map(parsePodPath),
    problems,
    known: { settings, resources, reuse: known.reuse, made },
  };
}

/** Nothing is as quick as what need not be done: stages and tiers change more often than policies. */
function isMade({ documents, policies }: SnapshotContent, made: Made | undefined): made is Made {
  return (
    made?.documents === documents &&
    made.policies.length === policies.length &&
    made.policies.every((id, i) => id === policies[i]) &&
    // Whether an exception has expired is asked anew each time.
    !made.set.policies.some(({ exceptions }) => exceptions.length > 0)
  );
}

function* making(
  { documents, policies }: SnapshotContent,
  { resources, reuse }: Pick<Known, 'resources' | 'reuse'>,
  settings: Settings,
  { now, source }: CompileOptions,
): Generator<void, Pick<Known, 'resources' | 'made'>> {
  const read = yield* readingResources(documents, resources);
  const common = { settings, reuse, now, ...(source && { source }) };
  const set = yield* compilingPolicies(read.deciding, { ...common, only: new Set(policies) });
  const observed = inForce(yield* compilingPolicies(read.observed, common));
  const problems = [...read.problems, ...set.problems, ...observed.problems];
  return { resources: read.resources, made: { documents, policies, set, observed, problems } };
}

function settingsOf({ settings }: SnapshotContent): Settings {
  const parsed = parseSettings(assignments(settings));
  if (!parsed.ok) throw new Error(parsed.errors.join('; '));
  return parsed.settings;
}

function startFrom(
  known: Known | undefined,
  settings: Settings,
): Pick<Known, 'resources' | 'reuse'> & Partial<Pick<Known, 'made'>> {
  return known !== undefined && JSON.stringify(known.settings) === JSON.stringify(settings)
    ? known
    : { resources: new Map(), reuse: newReuse() };
}

interface ReadResources {
  readonly deciding: readonly Resource[];
  readonly observed: readonly Resource[];
  readonly resources: Known['resources'];
  readonly problems: readonly Problem[];
}

function* readingResources(
  documents: readonly SnapshotDocument[],
  known: Known['resources'],
): Generator<void, ReadResources> {
  const [deciding, observed]: [Resource[], Resource[]] = [[], []];
  const resources = new Map<string, Resource[]>();
  const problems: Problem[] = [];
  for (const document of documents) {
    const { text, origin } = document;
    const { file, line } = origin;
    const resource =
      known.get(text)?.find((one) => one.origin.file === file && one.origin.line === line) ??
      resourceOf(document);
    if (resource === undefined)
      problems.push({
        reason: 'unreadable-document',
        detail: 'It is no Kubernetes object.',
        origin: { file, line, column: 1 },
      });
    else {
      resources.set(text, [...(resources.get(text) ?? []), resource]);
      (document.decides ? deciding : observed).push(resource);
    }
    yield;
  }
  return { deciding, observed, resources, problems };
}

/** In a cluster a policy that nothing binds has no effect, whatever a scan of files would make of it. */
function inForce(set: PolicySet): PolicySet {
  const isBound = ({ dialect, bindings }: CompiledPolicy) =>
    (dialect !== 'vap' && dialect !== 'map') || bindings.some(({ name }) => name !== '');
  return {
    ...set,
    policies: set.policies.filter(isBound),
    inactive: set.inactive.filter(isBound),
    problems: set.problems.filter(({ reason }) => reason !== 'needs-params'),
  };
}
