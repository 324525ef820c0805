/**
 * Policies that are watched in the cluster, beside those of a configuration: HardeningPolicies decide, what other engines
 * run is only observed. A bad one is left out alone, and its last good form stays.
 */
import type { StageRule } from '../../config/index.ts';
import type { JsonMap, Resource, SnapshotContent, SnapshotDocument } from '../../model/index.ts';
import { roleOf } from '../../policy/index.ts';
import { canonicalJson } from './canonical.ts';
import { type CompiledSnapshot, compilingSnapshot, type Known } from './compile.ts';
import { byCodeUnit, CLUSTER, inOrder, resourceOf } from './content.ts';
import { moreStages } from './stages.ts';
import { atOnce, type Pausing, withPauses } from './steps.ts';

/** Documents by the object that they are of. */
export type LastGood = ReadonlyMap<string, SnapshotDocument>;

export interface RefusedObject {
  readonly ref: Resource['ref'];
  readonly detail: string;
  /** Whether an earlier form of it stays in force. */
  readonly stays: boolean;
}

export interface Watched {
  readonly content: SnapshotContent;
  readonly refused: readonly RefusedObject[];
  /** To be handed in the next time. */
  readonly lastGood: LastGood;
  /** Of the content. */
  readonly compiled: CompiledSnapshot;
}

export interface WatchedOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Of the configuration: they are for watched policies too. */
  readonly stages: readonly StageRule[];
  readonly previous?: Pick<CompiledSnapshot, 'known'>;
}

/** @param content Of the configuration, without anything of the cluster. @param objects All that there are. */
export function withWatched(
  content: SnapshotContent,
  objects: readonly Resource[],
  lastGood: LastGood,
  options: WatchedOptions,
): Watched {
  return atOnce(addingWatched(content, objects, lastGood, options));
}

/** The same beside other work. */
export function withWatchedAside(
  content: SnapshotContent,
  objects: readonly Resource[],
  lastGood: LastGood,
  options: WatchedOptions,
  pausing?: Pausing,
): Promise<Watched> {
  return withPauses(addingWatched(content, objects, lastGood, options), pausing);
}

function* addingWatched(
  given: SnapshotContent,
  objects: readonly Resource[],
  lastGood: LastGood,
  options: WatchedOptions,
): Generator<void, Watched> {
  const { own, candidates, refused } = yield* sortOut(given, objects, options.previous?.known.resources);
  const taken = new Map(candidates);
  let previous = options.previous;
  for (;;) {
    const content = yield* joined(own, [...taken.values()], options, previous);
    const compiled = yield* compilingSnapshot(
      content,
      previous === undefined ? options : { ...options, previous },
    );
    const faulty = new Map(
      compiled.problems.filter(({ origin }) => taken.has(origin.file)).map((one) => [one.origin.file, one]),
    );
    if (faulty.size === 0) return { content, refused, lastGood: taken, compiled };
    previous = compiled;
    // Who has an earlier form is most likely at fault, and others, unchanged, only because of it.
    const changed = [...faulty.keys()].filter((key) => earlier(key, taken, lastGood) !== undefined);
    for (const key of changed.length > 0 ? changed : faulty.keys()) {
      const before = earlier(key, taken, lastGood);
      const ref = resourceOf(taken.get(key)!)!.ref;
      refused.push({ ref, detail: faulty.get(key)!.detail, stays: before !== undefined });
      if (before === undefined) taken.delete(key);
      else taken.set(key, before);
    }
  }
}

/** The last good form of what is not in it. */
function earlier(
  key: string,
  taken: ReadonlyMap<string, SnapshotDocument>,
  lastGood: LastGood,
): SnapshotDocument | undefined {
  const before = lastGood.get(key);
  return before !== undefined && before.text !== taken.get(key)?.text ? before : undefined;
}

interface SortedOut {
  /** The content without what is only observed because the cluster has it too. */
  readonly own: SnapshotContent;
  /** By the file that their documents are of. */
  readonly candidates: ReadonlyMap<string, SnapshotDocument>;
  readonly refused: RefusedObject[];
}

/** What is given by the configuration too: a policy of ours decides as it is there, that of another engine is observed. */
function* sortOut(
  content: SnapshotContent,
  objects: readonly Resource[],
  known: Known['resources'] = new Map(),
): Generator<void, SortedOut> {
  const given = new Map<string, SnapshotDocument>();
  for (const document of content.documents) {
    const resource = known.get(document.text)?.[0] ?? resourceOf(document);
    if (resource !== undefined) given.set(fileOf(resource), document);
    yield;
  }
  const candidates = new Map<string, SnapshotDocument>();
  const refused: RefusedObject[] = [];
  const observed = new Set<SnapshotDocument>();
  for (const resource of objects) {
    const role = roleOf(resource.ref.apiVersion, resource.ref.kind);
    const file = fileOf(resource);
    const document = watchedDocument(resource, role === 'native', file);
    const same = given.get(file);
    const fault = typeof role === 'object' ? role.unsupported : faultOf(role, document, same);
    if (fault !== undefined) refused.push({ ref: resource.ref, detail: fault, stays: false });
    else if (role !== 'native') {
      candidates.set(file, document);
      if (same !== undefined) observed.add(same);
    } else if (same === undefined) candidates.set(file, document);
    yield;
  }
  const documents = content.documents.filter((document) => !observed.has(document));
  return { own: { ...content, documents }, candidates, refused };
}

function faultOf(
  role: string,
  document: SnapshotDocument,
  same: SnapshotDocument | undefined,
): string | undefined {
  if (role === 'exemption') return 'Exemptions count from files: nobody can approve one in the cluster yet.';
  if (role !== 'native' || same === undefined) return undefined;
  const [mine, theirs] = [resourceOf(document)!, resourceOf(same)!];
  if (canonicalJson(mine.object['spec']) === canonicalJson(theirs.object['spec'])) return undefined;
  return `The policy stands in ${same.origin.file}:${same.origin.line} too, otherwise; what stands there decides.`;
}

/** One name for one object, whatever version of its kind it was read in. */
function fileOf({ ref: { apiVersion, kind, namespace, name } }: Resource): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : '';
  return `${CLUSTER}${kind}${group}/${namespace === '' ? '' : `${namespace}/`}${name}`;
}

function watchedDocument({ object }: Resource, decides: boolean, file: string): SnapshotDocument {
  return { text: canonicalJson(settled(object)), origin: { file, line: 1 }, decides };
}

/** What was last written by kubectl is said in full elsewhere. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Without what changes while the policy does not. */
function settled({ status: _, metadata, ...rest }: JsonMap): JsonMap {
  const { name, namespace, labels, annotations } = (metadata ?? {}) as JsonMap;
  const { [LAST_APPLIED]: __, ...others } = (annotations ?? {}) as JsonMap;
  const kept = {
    name,
    namespace,
    labels,
    annotations: Object.keys(others).length === 0 ? undefined : others,
  };
  return { ...rest, metadata: kept };
}

/** With the ids of watched policies that decide, and the stages that the rules give them. */
function* joined(
  own: SnapshotContent,
  watched: readonly SnapshotDocument[],
  { now, stages }: WatchedOptions,
  previous: WatchedOptions['previous'],
): Generator<void, SnapshotContent> {
  const documents = inOrder([...own.documents, ...watched]);
  const deciding = watched.filter(({ decides }) => decides);
  const ids = deciding.flatMap((document) => resourceOf(document)?.ref.name ?? []);
  const policies = [...new Set([...own.policies, ...ids])].sort(byCodeUnit);
  const content = { ...own, documents, policies };
  if (ids.length === 0 || stages.length === 0) return content;
  const alone = { ...own, documents: inOrder(deciding), policies: ids };
  const { set } = yield* compilingSnapshot(alone, { now, ...(previous && { previous }) });
  const more = Object.entries({ ...own.stages, ...moreStages(stages, set) });
  return { ...content, stages: Object.fromEntries(more.sort(([a], [b]) => byCodeUnit(a, b))) };
}
