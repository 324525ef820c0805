import { names } from '../decision/index.ts';
import type {
  Exemption,
  Finding,
  JsonMap,
  Problem,
  RenderInput,
  Reported,
  Resource,
  Schemas,
} from '../model/index.ts';
import {
  type Begun,
  createEvaluator,
  isWanted,
  type Place,
  type PodPath,
  type PolicySet,
  type Relative,
  relativeOf,
  type Surroundings,
  type UserInfo,
  wantedBy,
} from '../policy/index.ts';
import type { Rendering } from '../render/index.ts';
import {
  createDefaults,
  createDiscovery,
  createLocator,
  createSchemas,
  DEFAULT_LIMITS,
  type FileEntry,
  type Locate,
  type NotKubernetes,
  readManifest,
} from '../sources/index.ts';
import { decodeText } from '../sources/manifests/text.ts';
import { allowancesIn, type FileAllowances, type KeyedAllowance, renderedAllowances } from './allowances.ts';
import { type AnswerKey, answerKeys } from './answer-keys.ts';
import { type Answers, authorizeBy } from './answers.ts';
import { askBy } from './ask.ts';
import { type Content, createContentReader } from './content.ts';
import { customDefaults } from './custom-relatives.ts';
import { addFacts, type Facts, learn, newFacts } from './facts.ts';
import type { FileMemory, FileShare, KeptFile, LookedUp } from './kept-file.ts';
import { createMerger, type RenderedAs } from './merge.ts';
import {
  type Fingerprints,
  type PlaceOptions,
  placeFinding,
  placeNotKubernetes,
  placeProblemIn,
} from './place.ts';
import { type Placer, placerOf, renderedPlacer } from './placer.ts';
import { mergePodPathUse, newPodPathUse, notePodPaths, type PodPathUse } from './pod-paths.ts';
import type { Profile } from './profiles.ts';
import { digestOf, type Fresh } from './result-cache.ts';
import {
  type FileSuppressions,
  type KeyedSuppression,
  NO_SUPPRESSIONS,
  renderedSuppressions,
  type SuppressionSetup,
  suppressionsIn,
} from './suppressions.ts';
import { surroundingsOf } from './surroundings.ts';
import { count, mergeTally, newTally, packTally, type Tally, unpackTally } from './tally.ts';
import { traceOf } from './traces.ts';
import { parseYaml } from './value.ts';

/** Everything a thread needs to evaluate its share: plain data. */
export interface ScanSetup {
  readonly files: readonly FileEntry[];
  /** Text of standard input, by the name it has in results. */
  readonly given: ReadonlyMap<string, Uint8Array>;
  readonly profiles: readonly Profile[];
  /** Which of them a file has, by its name; the first where it is not named. */
  readonly profileOf: ReadonlyMap<string, number>;
  /** Namespaces and parameters from the policies' own documents and from --context. */
  readonly objects: readonly Resource[];
  /** Those of --context alone: part of what policies may look up. */
  readonly context: readonly Resource[];
  /** Whether the files and --context are all there is. */
  readonly complete: boolean;
  /** Of what should have been scanned: how much could not even be listed. */
  readonly unlisted: number;
  /** CustomResourceDefinitions from --schemas. */
  readonly definitions: readonly Resource[];
  readonly userInfo: UserInfo | undefined;
  readonly answers: Answers | undefined;
  readonly defaults: boolean;
  readonly all: boolean;
  readonly strict: boolean;
  readonly fingerprints: Fingerprints | undefined;
  readonly exemptions: readonly Exemption[];
  readonly podPaths: readonly PodPath[];
  /** Undefined unless what other tools suppress is looked for. */
  readonly suppressions: SuppressionSetup | undefined;
}

/** What came out of it; plain data again. */
export interface Scanned {
  readonly results: Reported[];
  /** What the files say may be as it is. */
  readonly allowances: KeyedAllowance[];
  /** What the files tell other tools not to report. */
  readonly suppressions: KeyedSuppression[];
  /** Which of the exemptions name an object of the files, by index. */
  readonly met: Set<number>;
  readonly podPaths: PodPathUse;
  readonly tally: Tally;
  /** What the next scan may remember. */
  readonly fresh: Fresh;
}

export interface Scanner {
  /** What the files of this thread say of other objects. Complete when its last file is scanned. */
  readonly facts: Facts;
  /** Reads a file and evaluates what needs no facts. */
  file(entry: FileEntry): void;
  /** The same for what was rendered. */
  rendered(rendering: Rendering): void;
  /** Evaluates what waited for the facts of all files. */
  finish(facts: Facts): Scanned;
}

/** An object whose verdict may hang on another file. */
interface Waiting {
  readonly profile: number;
  readonly resource: Resource;
  readonly origin: () => Provenance;
}

/** An object that only policies wait for which look up others. */
interface Pending {
  readonly profile: number;
  readonly begun: Begun;
  /** `exact`: whether fields have to be found. */
  readonly origin: (exact: boolean) => Provenance;
}

/** A file that is remembered, with objects that only policies wait for which look up others. */
interface Looking {
  readonly name: string;
  readonly digest: string;
  readonly entry: FileEntry;
  /** Undefined where they are only remembered. */
  readonly pending: readonly Pending[] | undefined;
}

/** What objects came to, and what is still to be said of them. */
interface Share {
  readonly facts: Facts;
  readonly collector: Collector;
  readonly waiting: Waiting[];
  readonly pending: Pending[];
  readonly met: Set<number>;
  readonly podPaths: PodPathUse;
}

/** Where an object comes from. */
interface Provenance {
  readonly placer: Placer;
  readonly allowances: FileAllowances;
  readonly suppressions: FileSuppressions;
  readonly rendered?: RenderedAs & Pick<PlaceOptions, 'subject'>;
}

/**
 * `sets` is what `setup.profiles` compile to.
 *
 * @param memory Of an earlier scan under the same setup.
 * @param profileOf Of files that turn up when something is rendered, which may bring another profile.
 */
export function createScanner(
  setup: ScanSetup,
  sets: readonly PolicySet[],
  memory?: FileMemory,
  profileOf: (file: string) => number = (file) => setup.profileOf.get(file) ?? 0,
): Scanner {
  const read = createContentReader(DEFAULT_LIMITS.fileBytes);
  const whole = newShare(setup);
  const looking: Looking[] = [];
  const { facts, collector } = whole;
  const first = judges(sets, setup, newFacts());
  const rendered = new Set<string>();
  const wanted = wantedBy(sets.flatMap(({ policies }) => policies));
  const readAgain = lastOf(openFile);

  function scanObject(
    resource: Resource,
    origin: Provenance,
    profile: number,
    share: Share,
    entry?: FileEntry,
  ): void {
    learn(share.facts, resource);
    share.collector.tally.resources++;
    notePodPaths(share.podPaths, setup.podPaths, resource);
    const judge = first(profile);
    const { begun, judgement } = judge.begin(resource);
    // With the namespace that it comes to be in, if it names none.
    for (const index of exemptionsOf(begun.request, setup.exemptions)) share.met.add(index);
    if (isWanted(wanted, begun.request.kind))
      addRelative(share.facts, relativeOf(wanted, resource, begun.request));
    if (judgement === undefined) {
      share.waiting.push({ profile, resource, origin: () => origin });
      return;
    }
    share.collector.judged(judgement, resource, origin);
    if (!begun.pending) return;
    // Of thousands of objects few have findings: texts are read again and not kept, but for those that allow something.
    const light =
      entry !== undefined && origin.allowances.found.length === 0 && setup.suppressions === undefined;
    share.pending.push({
      profile,
      begun: light ? judge.shrink(begun) : begun,
      origin: light ? originIn(entry, resource) : () => origin,
    });
  }

  function addRelative({ relatives, traces }: Facts, relative: Relative): void {
    relatives.push(relative);
    if (memory !== undefined) traces.push({ remembered: undefined, traces: [traceOf(relative)] });
  }

  function scanFile(entry: FileEntry, bytes: Uint8Array, share: Share): void {
    const { collector } = share;
    const manifest = readManifest(bytes, { file: entry.file, named: entry.named });
    share.facts.unread += manifest.problems.length;
    for (const problem of manifest.problems) collector.problem(problem);
    for (const other of manifest.notKubernetes) collector.notKubernetes(other);
    const profile = setup.profileOf.get(entry.file) ?? 0;
    const opened = openText(manifest.text, entry.file, setup);
    for (const resource of manifest.resources)
      scanObject(resource, opened.annotated(resource), profile, share, entry);
    collector.remark(opened);
  }

  /** What the file came to in an earlier scan, or comes to now. */
  function rememberedFile(entry: FileEntry, bytes: Uint8Array, memory: FileMemory): void {
    const name = memoryName(entry, setup);
    const digest = digestOf(bytes);
    const known = memory.knows(name, digest) ? memory.recall(name, 'alone') : undefined;
    if (known !== undefined) {
      addFileShare(known, entry, name);
      if (known.looks) looking.push({ name, digest, entry, pending: undefined });
      return;
    }
    const share = newShare(setup);
    scanFile(entry, bytes, share);
    const collected = share.collector.finish(0);
    addShare(share);
    collector.add(collected);
    whole.waiting.push(...share.waiting);
    // What an allowance covers is worked out from the text.
    if (collected.allowances.size > 0) {
      whole.pending.push(...share.pending);
      return;
    }
    memory.remember(name, digest, keptFile(share, collected));
    const { pending } = share;
    if (pending.length > 0) looking.push({ name, digest, entry, pending });
  }

  function addFileShare({ traces, more, ...share }: FileShare, entry: FileEntry, name: string): void {
    addResults(share);
    if (traces.length > 0) facts.traces.push({ remembered: name, traces });
    if (more === undefined) return;
    addShare({ ...more, facts: { ...more.facts, relatives: [], traces: [] } });
    for (const { profile, resource } of more.waiting)
      whole.waiting.push({ profile, resource, origin: () => originIn(entry, resource)(true) });
  }

  function addResults({ results, tally }: Pick<FileShare, 'results' | 'tally'>): void {
    collector.add({ results, tally: unpackTally(tally), allowances: NO_REMARKS, suppressions: NO_REMARKS });
  }

  function addShare(share: Pick<Share, 'facts' | 'podPaths'> & { readonly met: ReadonlySet<number> }): void {
    addFacts(facts, share.facts);
    for (const index of share.met) whole.met.add(index);
    mergePodPathUse(whole.podPaths, share.podPaths);
  }

  /** Where an object of a file stands that allows nothing. */
  function originIn(entry: FileEntry, { origin }: Resource): Pending['origin'] {
    return (exact) => (exact ? readAgain(entry) : openText('', entry.file, setup)).originOf(origin);
  }

  /** With what the definitions among the files fill in. */
  function seenBy(all: Facts): (relative: Relative) => Relative {
    if (!setup.defaults || all.definitions.length === 0) return (relative) => relative;
    const minor = sets[0]!.settings['kubernetes.version'];
    const definitions = [...setup.definitions, ...all.definitions].map(({ object }) => object);
    return customDefaults(all, createDefaults(minor, createSchemas(minor, definitions)));
  }

  function contentOf({ file, path }: FileEntry): Content {
    const given = setup.given.get(file);
    return given === undefined ? read(path) : { ok: true, bytes: given };
  }

  /** Empty when the file is gone by now: then findings stand where their objects began. */
  function openFile(entry: FileEntry): OpenFile {
    const content = contentOf(entry);
    return openText((content.ok ? decodeText(content.bytes) : undefined) ?? '', entry.file, setup);
  }

  /** What policies say that look up other objects. */
  function complete(pending: readonly Pending[], judge: (profile: number) => Judge, into: Collector): void {
    for (const { profile, begun, origin } of pending) {
      const judgement = judge(profile).complete(begun);
      const exact = judgement.findings.some(({ verdict }) => verdict !== 'skip');
      into.judged(judgement, begun.resource, origin(exact));
    }
  }

  /** The same of a file: what it came to in an earlier scan, where nothing has changed that it hangs on. */
  function lookedUp(
    { name, digest, entry, pending }: Looking,
    judge: (profile: number) => Judge,
    keyOf: AnswerKey,
    memory: FileMemory,
  ): Pick<LookedUp, 'results' | 'tally'> {
    const known = pending === undefined ? memory.recall(name, 'looked') : undefined;
    if (known !== undefined && known.key === keyOf(known.places)) return known;
    const begun = pending ?? recallPending(name, entry, memory);
    const own = createCollector(setup);
    complete(begun, judge, own);
    const collected = own.finish(0);
    const into = begun.flatMap((one) => judge(one.profile).looksInto(one.begun));
    const places = JSON.stringify([...new Set(into)].sort());
    const { results } = collected;
    const looked = { places, key: keyOf(places), results, tally: packTally(collected.tally) };
    memory.remember(name, digest, { looked });
    return looked;
  }

  function recallPending(name: string, entry: FileEntry, memory: FileMemory): Pending[] {
    return (memory.recall(name, 'pending') ?? []).map(({ profile, begun }) => ({
      profile,
      begun,
      origin: originIn(entry, begun.resource),
    }));
  }

  /** Objects of --context that policies look up. */
  function givenRelatives(): Relative[] {
    return setup.context
      .map((resource) => relativeOf(wanted, resource, first(0).begin(resource).begun.request))
      .filter((relative) => isWanted(wanted, relative));
  }

  return {
    facts,
    file(entry) {
      collector.tally.files++;
      const content = contentOf(entry);
      if (!content.ok) {
        facts.unread++;
        collector.problem({
          reason: content.reason,
          detail: content.detail,
          origin: { file: entry.file, line: 1, column: 1 },
        });
        return;
      }
      if (memory === undefined) scanFile(entry, content.bytes, whole);
      else rememberedFile(entry, content.bytes, memory);
    },
    rendered({ environment, namespace, objects, problems, files, inputs }) {
      for (const { file } of files) rendered.add(file);
      facts.unread += problems.length;
      for (const problem of problems) collector.problem(problem, inputs);
      const allowances = renderedAllowances(files);
      const suppressions =
        setup.suppressions === undefined ? NO_SUPPRESSIONS : renderedSuppressions(files, setup.suppressions);
      for (const object of objects) {
        const profile = profileOf(object.resource.origin.file);
        const resource =
          namespace === undefined ? object.resource : first(profile).inNamespace(object.resource, namespace);
        const placer = renderedPlacer(object);
        allowances.annotated(resource, placer);
        suppressions.annotated(resource, placer);
        // One that is exempted must not stand for one that is not, nor, where exemptions are made, for one of another name.
        const exempted = exemptionsOf(resource, setup.exemptions);
        const named = setup.suppressions === undefined ? [] : [resource.ref];
        const identity = JSON.stringify([object.identity, exempted, ...named]);
        const { subject, inputs, unchanged = false } = object;
        const rendered = { environment, identity, subject, inputs, unchanged };
        scanObject(resource, { placer, allowances, suppressions, rendered }, profile, whole);
      }
      collector.remark({ allowances, suppressions });
    },
    finish(all) {
      const { waiting, pending, met, podPaths } = whole;
      if (waiting.length + pending.length + looking.length > 0) {
        const sources = {
          remembered: (name: string) => memory?.recall(name, 'relatives') ?? [],
          given: givenRelatives,
          seen: seenBy(all),
        };
        const second = judges(sets, setup, all, surroundingsOf(setup, all, sources, wanted));
        complete(pending, second, collector);
        if (memory !== undefined) {
          const keyOf = answerKeys(all);
          for (const file of looking) addResults(lookedUp(file, second, keyOf, memory));
        }
        for (const { profile, resource, origin } of waiting) {
          const judge = second(profile);
          const provenance = origin();
          collector.judged(judge.decide(resource), resource, provenance);
          collector.kind(resource, provenance, judge.meant(resource));
        }
      }
      if (rendered.size > 0) for (const { file } of setup.files) rendered.delete(file);
      const { results, tally, allowances, suppressions } = collector.finish(rendered.size);
      return {
        results,
        tally,
        allowances: [...allowances.values()],
        suppressions: [...suppressions.values()],
        met,
        podPaths,
        fresh: memory?.fresh ?? new Map(),
      };
    },
  };
}

function newShare(setup: ScanSetup): Share {
  return {
    facts: newFacts(),
    collector: createCollector(setup),
    waiting: [],
    pending: [],
    met: new Set(),
    podPaths: newPodPathUse(),
  };
}

/** A file as the next scan sees it. */
function keptFile(
  { facts, waiting, pending, met, podPaths }: Share,
  { results, tally }: Collected,
): Partial<KeptFile> {
  const { relatives, traces, ...others } = facts;
  const { namespaces, definitions, deployments, unread } = others;
  const sizes = [namespaces.size, definitions.length, deployments.length, unread, waiting.length, met.size];
  const hasMore = [...sizes, podPaths.met.size, podPaths.used.size].some((size) => size > 0);
  const more = {
    facts: others,
    waiting: waiting.map(({ profile, resource }) => ({ profile, resource })),
    met,
    podPaths,
  };
  return {
    alone: {
      results,
      tally: packTally(tally),
      traces: traces.flatMap((some) => some.traces),
      looks: pending.length > 0,
      ...(hasMore ? { more } : {}),
    },
    ...(relatives.length > 0 ? { relatives } : {}),
    ...(pending.length > 0
      ? { pending: pending.map(({ profile, begun }) => ({ profile, begun: { ...begun, findings: [] } })) }
      : {}),
  };
}

/** A file by all that its results hang on, but its content and the setup. */
export function memoryName({ file, named }: FileEntry, { profileOf }: Pick<ScanSetup, 'profileOf'>): string {
  return `${profileOf.get(file) ?? 0} ${named ? 1 : 0} ${file}`;
}

/** A file while its objects are judged. */
interface OpenFile extends Remarks {
  /** Where an object stands. */
  originOf(origin: Resource['origin']): Provenance;
  /** The same, with what its annotations allow. */
  annotated(resource: Resource): Provenance;
}

/** What a file says of findings, to Rampart and to others. */
type Remarks = Pick<Provenance, 'allowances' | 'suppressions'>;

function openText(text: string, file: string, setup: Pick<ScanSetup, 'suppressions'>): OpenFile {
  const remarks: Remarks = {
    allowances: allowancesIn(text, file),
    suppressions:
      setup.suppressions === undefined ? NO_SUPPRESSIONS : suppressionsIn(text, file, setup.suppressions),
  };
  const locate = lazyLocator(text);
  const originOf = (origin: Resource['origin']) => ({ placer: placerOf({ origin }, locate), ...remarks });
  return {
    ...remarks,
    originOf,
    annotated(resource) {
      const origin = originOf(resource.origin);
      remarks.allowances.annotated(resource, origin.placer);
      remarks.suppressions.annotated(resource, origin.placer);
      return origin;
    },
  };
}

/** Objects come file by file, so what was made for the last one serves the next object too. */
function lastOf<A, T>(make: (argument: A) => T): (argument: A) => T {
  let last: { readonly argument: A; readonly made: T } | undefined;
  return (argument) => {
    if (last?.argument !== argument) last = { argument, made: make(argument) };
    return last.made;
  };
}

/** Its places are worked out when they are first asked for. */
function lazyLocator(text: string): Locate {
  let locate: Locate | undefined;
  return (document, pointer) => {
    locate ??= createLocator(text);
    return locate(document, pointer);
  };
}

/** Indexes of those that name it. */
function exemptionsOf({ ref }: Pick<Resource, 'ref'>, exemptions: readonly Exemption[]): number[] {
  return [...exemptions.entries()].flatMap(([index, exemption]) => (names(exemption, ref) ? [index] : []));
}

interface Judgement {
  readonly findings: readonly Finding[];
  readonly passes: number;
  readonly skips: number;
  readonly schemas: Schemas;
}

/** Evaluates objects with what is known so far. */
interface Judge {
  /** All that can be said of it alone; no judgement when facts that may still come could change it. */
  begin(resource: Resource): { readonly begun: Begun; readonly judgement: Judgement | undefined };
  /** No more of the object than is needed for what comes. */
  shrink(begun: Begun): Begun;
  /** Where policies that look up other objects do so. */
  looksInto(begun: Begun): readonly Place[];
  /** What they say. */
  complete(begun: Begun): Judgement;
  decide(resource: Resource): Judgement;
  /** What its kind should probably have been; undefined when nothing is wrong with it. */
  meant(resource: Resource): string | undefined;
  /** The object as it is created in a namespace, unless it names one, or lives in none. */
  inNamespace(resource: Resource, namespace: string): Resource;
}

/** The judge of a profile, made when its first object comes. */
function judges(
  sets: readonly PolicySet[],
  setup: ScanSetup,
  facts: Facts,
  surroundings?: Surroundings,
): (profile: number) => Judge {
  const made: Judge[] = [];
  return (profile) => {
    made[profile] ??= createJudge(sets[profile]!, setup.profiles[profile]!, setup, facts, surroundings);
    return made[profile];
  };
}

function createJudge(
  set: PolicySet,
  profile: Profile,
  setup: ScanSetup,
  facts: Facts,
  surroundings?: Surroundings,
): Judge {
  const minor = set.settings['kubernetes.version'];
  const definitions = [...setup.definitions, ...facts.definitions].map(({ object }) => object);
  const discovery = createDiscovery(minor, definitions);
  const schemas = createSchemas(minor, definitions);
  const objects = [...namespacesOf(facts, setup.objects), ...setup.objects];
  const evaluator = createEvaluator(
    set,
    {
      discovery,
      schemas,
      parseYaml,
      objects,
      defaultNamespace: profile.namespace,
      podPaths: setup.podPaths,
      ...(setup.defaults ? { defaults: createDefaults(minor, schemas) } : {}),
      ...(surroundings === undefined ? {} : { surroundings }),
      ...(setup.userInfo === undefined ? {} : { userInfo: setup.userInfo }),
      ask: askBy(setup.answers, discovery),
      ...(setup.answers === undefined ? {} : { authorize: authorizeBy(setup.answers) }),
    },
    { passes: setup.all, skips: setup.all },
  );
  const counted = (findingsOf: () => readonly Finding[]): Judgement => {
    const { passes, skips } = evaluator.tally;
    const findings = findingsOf();
    return {
      findings,
      passes: evaluator.tally.passes - passes,
      skips: evaluator.tally.skips - skips,
      schemas,
    };
  };
  return {
    meant: ({ ref }) => discovery.meant(ref.apiVersion, ref.kind),
    inNamespace(resource, namespace) {
      const { ref, object } = resource;
      if (ref.namespace !== '' || namespace === profile.namespace) return resource;
      if (!discovery.ofKind(ref.apiVersion, ref.kind, namespace).namespaced) return resource;
      const metadata = { ...(object['metadata'] as JsonMap | undefined), namespace };
      return { ...resource, ref: { ...ref, namespace }, object: { ...object, metadata } };
    },
    begin(resource) {
      let begun: Begun | undefined;
      const judgement = counted(() => {
        begun = evaluator.begin(resource);
        return begun.findings;
      });
      const waits =
        isUndescribed(schemas, resource) ||
        judgement.findings.some(({ reason }) => reason === 'needs-namespace');
      return { begun: begun!, judgement: waits ? undefined : judgement };
    },
    shrink: evaluator.shrink,
    looksInto: evaluator.looksInto,
    complete: (begun) => counted(() => evaluator.complete(begun)),
    decide: (resource) => counted(() => evaluator.scan(resource)),
  };
}

/** Whether a CustomResourceDefinition among the files could still say what this kind is, or what is filled in. */
function isUndescribed(schemas: Schemas, { ref }: Resource): boolean {
  return schemas.ofKind(ref.apiVersion, ref.kind) === undefined;
}

/**
 * Namespaces of the files, but none that the policies or --context know: what a pull request writes must not outweigh
 * what the cluster says.
 */
function namespacesOf({ namespaces }: Facts, given: readonly Resource[]): Resource[] {
  const known = new Set(given.filter(({ ref }) => ref.kind === 'Namespace').map(({ ref }) => ref.name));
  return [...namespaces].flatMap(([name, object]) =>
    object === null || known.has(name)
      ? []
      : [
          {
            ref: { apiVersion: 'v1', kind: 'Namespace', namespace: '', name },
            object,
            origin: { file: '', document: 0, line: 1, pointer: '' },
          },
        ],
  );
}

interface Collected {
  readonly results: readonly Reported[];
  readonly tally: Tally;
  /** By key: several renderings meet the same. */
  readonly allowances: ReadonlyMap<string, KeyedAllowance>;
  readonly suppressions: ReadonlyMap<string, KeyedSuppression>;
}

const NO_REMARKS = new Map<string, never>();

interface Collector {
  readonly tally: Tally;
  /** `inputs`: of something that could not be rendered. */
  problem(problem: Problem, inputs?: readonly RenderInput[]): void;
  remark(remarks: Remarks): void;
  /** What another one collected. */
  add(collected: Collected): void;
  notKubernetes(other: NotKubernetes): void;
  judged(judgement: Judgement, resource: Resource, origin: Provenance): void;
  /** Reports a kind that does not exist, if something else was meant. */
  kind(resource: Resource, origin: Provenance, meant: string | undefined): void;
  /** Adds what was found in several environments, once, and the number of files it was rendered from. */
  finish(files: number): Collected & Pick<Scanned, 'results'>;
}

function createCollector({
  all,
  strict,
  fingerprints,
}: Pick<ScanSetup, 'all' | 'strict' | 'fingerprints'>): Collector {
  const results: Reported[] = [];
  const tally = newTally();
  const allowances = new Map<string, KeyedAllowance>();
  const suppressions = new Map<string, KeyedSuppression>();
  const folder = fingerprints?.folder ?? '';
  const placeProblem = placeProblemIn(folder);
  const merger = createMerger();
  const add = (result: Reported, { rendered }: Partial<Provenance> = {}): void => {
    if (rendered !== undefined) merger.add(result, rendered);
    else list(result);
  };
  const list = (result: Reported): void => {
    count(tally, result);
    const listed = result.verdict !== 'skip' && result.verdict !== 'pass';
    if (listed || all) results.push(result);
  };
  return {
    tally,
    problem: (problem, inputs) =>
      add(inputs === undefined ? placeProblem(problem) : { ...placeProblem(problem), inputs }),
    remark(remarks) {
      for (const allowance of remarks.allowances.found) allowances.set(allowance.key, allowance);
      for (const suppression of remarks.suppressions.found) suppressions.set(suppression.key, suppression);
    },
    add(collected) {
      for (const result of collected.results) results.push(result);
      mergeTally(tally, collected.tally);
      for (const [key, allowance] of collected.allowances) allowances.set(key, allowance);
      for (const [key, suppression] of collected.suppressions) suppressions.set(key, suppression);
    },
    kind({ ref }, origin, meant) {
      if (meant === undefined) return;
      const { file, line, column } = origin.placer.field('/kind');
      const detail = `Kubernetes has no ${ref.apiVersion} ${ref.kind}, so no policy looked at it as what it was meant to be.`;
      const help = `Did you mean ${meant}?`;
      add(placeProblem({ reason: 'unknown-kind', detail, help, origin: { file, line, column } }), origin);
    },
    notKubernetes(other) {
      tally.notKubernetes++;
      if (strict || all) add(placeNotKubernetes(other, strict, folder));
    },
    judged({ findings, passes, skips, schemas }, resource, origin) {
      tally.verdicts.pass += passes;
      tally.verdicts.skip += skips;
      if (findings.length === 0) return;
      const { placer, rendered } = origin;
      const options: PlaceOptions = {
        resource,
        schemas,
        fingerprints,
        placer,
        ...(rendered?.subject === undefined ? {} : { subject: rendered.subject }),
      };
      for (const finding of findings) {
        const placed = placeFinding(finding, options);
        const isRemarked = finding.verdict === 'violation';
        add(isRemarked ? remarked(placed, finding, resource, origin) : placed, origin);
      }
    },
    finish(files) {
      tally.files += files;
      for (const result of merger.merged()) list(result);
      return { results, tally, allowances, suppressions };
    },
  };
}

/** With keys of what is said about it where it stands. */
function remarked(
  placed: Reported,
  finding: Finding,
  resource: Resource,
  { placer, allowances, suppressions }: Provenance,
): Reported {
  const allowedBy = allowances.covering(finding, resource, placer);
  const suppressedBy = suppressions.covering(finding, resource, placer);
  if (allowedBy.length + suppressedBy.length === 0) return placed;
  return {
    ...placed,
    ...(allowedBy.length === 0 ? {} : { allowedBy }),
    ...(suppressedBy.length === 0 ? {} : { suppressedBy }),
  };
}
