import type { Discovery, Finding, Problem, Reported, Resource, Schemas } from '../model/index.ts';
import {
  type Begun,
  createEvaluator,
  isWanted,
  type PolicySet,
  relativeOf,
  type Surroundings,
  type UserInfo,
  wantedBy,
} from '../policy/index.ts';
import {
  createDefaults,
  createDiscovery,
  createLocator,
  createSchemas,
  DEFAULT_LIMITS,
  type FileEntry,
  type NotKubernetes,
  readManifest,
} from '../sources/index.ts';
import { decodeText } from '../sources/manifests/text.ts';
import { type Answer, authorizeBy } from './answers.ts';
import type { CompileSetup } from './compile.ts';
import { type Content, createContentReader } from './content.ts';
import { type Facts, learn, newFacts } from './facts.ts';
import { type PlaceOptions, placeFinding, placeNotKubernetes, placeProblem } from './place.ts';
import { surroundingsOf } from './surroundings.ts';
import { count, newTally, type Tally } from './tally.ts';
import { parseYaml } from './value.ts';

/** Everything a thread needs to evaluate its share: plain data. */
export interface ScanSetup {
  readonly files: readonly FileEntry[];
  /** Text of standard input, by the name it has in results. */
  readonly given: ReadonlyMap<string, Uint8Array>;
  readonly policies: CompileSetup;
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
  readonly answers: readonly Answer[] | undefined;
  readonly defaultNamespace: string;
  readonly defaults: boolean;
  readonly all: boolean;
  readonly strict: boolean;
  readonly fingerprints: boolean;
}

/** What came out of it; plain data again. */
export interface Scanned {
  readonly results: Reported[];
  readonly tally: Tally;
}

export interface Scanner {
  /** What the files of this thread say of other objects. Complete when its last file is scanned. */
  readonly facts: Facts;
  /** Reads a file and evaluates what needs no facts. */
  file(entry: FileEntry): void;
  /** Evaluates what waited for the facts of all files. */
  finish(facts: Facts): Scanned;
}

/** An object whose verdict may hang on another file. */
interface Waiting {
  readonly resource: Resource;
  readonly text: string;
}

/** An object that only policies wait for which look up others. */
interface Pending {
  readonly begun: Begun;
  /** Its file: of thousands of objects few have findings, so texts are read again and not kept. */
  readonly entry: FileEntry;
}

/** `set` is what `setup.policies` compiles to. */
export function createScanner(setup: ScanSetup, set: PolicySet): Scanner {
  const read = createContentReader(DEFAULT_LIMITS.fileBytes);
  const collector = createCollector(setup);
  const facts = newFacts();
  const first = createJudge(set, setup, newFacts());
  const waiting: Waiting[] = [];
  const pending: Pending[] = [];
  const wanted = wantedBy(set.policies);

  function scanObject(resource: Resource, text: string, entry: FileEntry): void {
    learn(facts, resource);
    collector.tally.resources++;
    const { begun, judgement } = first.begin(resource);
    if (isWanted(wanted, begun.request.kind))
      facts.relatives.push(relativeOf(wanted, resource, begun.request));
    if (judgement === undefined) waiting.push({ resource, text });
    else {
      collector.judged(judgement, resource, text);
      if (begun.pending) pending.push({ begun: first.shrink(begun), entry });
    }
  }

  function contentOf({ file, path }: FileEntry): Content {
    const given = setup.given.get(file);
    return given === undefined ? read(path) : { ok: true, bytes: given };
  }

  /** Empty when the file is gone by now: then findings stand where their objects began. */
  function textAgain(entry: FileEntry): string {
    const content = contentOf(entry);
    return (content.ok ? decodeText(content.bytes) : undefined) ?? '';
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
      const manifest = readManifest(content.bytes, { file: entry.file, named: entry.named });
      facts.unread += manifest.problems.length;
      for (const problem of manifest.problems) collector.problem(problem);
      for (const other of manifest.notKubernetes) collector.notKubernetes(other);
      for (const resource of manifest.resources) scanObject(resource, manifest.text, entry);
    },
    finish(all) {
      if (waiting.length > 0 || pending.length > 0) {
        const given = setup.context
          .map((resource) => relativeOf(wanted, resource, first.begin(resource).begun.request))
          .filter((relative) => isWanted(wanted, relative));
        const second = createJudge(set, setup, all, surroundingsOf(setup, all, given, wanted));
        for (const { begun, entry } of pending) {
          const judgement = second.complete(begun);
          const text = judgement.findings.some(({ verdict }) => verdict !== 'skip') ? textAgain(entry) : '';
          collector.judged(judgement, begun.resource, text);
        }
        for (const { resource, text } of waiting) {
          collector.judged(second.decide(resource), resource, text);
          collector.kind(resource, text, second.meant(resource));
        }
      }
      return { results: collector.results, tally: collector.tally };
    },
  };
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
  /** What policies say that look up other objects. */
  complete(begun: Begun): Judgement;
  decide(resource: Resource): Judgement;
  /** What its kind should probably have been; undefined when nothing is wrong with it. */
  meant(resource: Resource): string | undefined;
}

function createJudge(set: PolicySet, setup: ScanSetup, facts: Facts, surroundings?: Surroundings): Judge {
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
      defaultNamespace: setup.defaultNamespace,
      ...(setup.defaults ? { defaults: createDefaults(minor, schemas) } : {}),
      ...(surroundings === undefined ? {} : { surroundings }),
      ...(setup.userInfo === undefined ? {} : { userInfo: setup.userInfo }),
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
    begin(resource) {
      let begun: Begun | undefined;
      const judgement = counted(() => {
        begun = evaluator.begin(resource);
        return begun.findings;
      });
      const waits =
        isGuessed(discovery, resource) ||
        judgement.findings.some(({ reason }) => reason === 'needs-namespace');
      return { begun: begun!, judgement: waits ? undefined : judgement };
    },
    shrink: evaluator.shrink,
    complete: (begun) => counted(() => evaluator.complete(begun)),
    decide: (resource) => counted(() => evaluator.scan(resource)),
  };
}

/** Whether a CustomResourceDefinition among the files could still say what this kind is. */
function isGuessed(discovery: Discovery, { ref }: Resource): boolean {
  return discovery.ofKind(ref.apiVersion, ref.kind, ref.namespace).guessed;
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

interface Collector {
  readonly results: Reported[];
  readonly tally: Tally;
  problem(problem: Problem): void;
  notKubernetes(other: NotKubernetes): void;
  judged(judgement: Judgement, resource: Resource, text: string): void;
  /** Reports a kind that does not exist, if something else was meant. */
  kind(resource: Resource, text: string, meant: string | undefined): void;
}

function createCollector({
  all,
  strict,
  fingerprints,
}: Pick<ScanSetup, 'all' | 'strict' | 'fingerprints'>): Collector {
  const results: Reported[] = [];
  const tally = newTally();
  const locateIn = lastOf(createLocator);
  const add = (result: Reported): void => {
    count(tally, result);
    const listed = result.verdict !== 'skip' && result.verdict !== 'pass';
    if (listed || all) results.push(result);
  };
  return {
    results,
    tally,
    problem: (problem) => add(placeProblem(problem)),
    kind({ ref, origin }, text, meant) {
      if (meant === undefined) return;
      const { line, column } = locateIn(text)(origin.document, `${origin.pointer}/kind`);
      const detail = `Kubernetes has no ${ref.apiVersion} ${ref.kind}, so no policy looked at it as what it was meant to be.`;
      const help = `Did you mean ${meant}?`;
      add(
        placeProblem({ reason: 'unknown-kind', detail, help, origin: { file: origin.file, line, column } }),
      );
    },
    notKubernetes(other) {
      tally.notKubernetes++;
      if (strict || all) add(placeNotKubernetes(other, strict));
    },
    judged({ findings, passes, skips, schemas }, resource, text) {
      tally.verdicts.pass += passes;
      tally.verdicts.skip += skips;
      if (findings.length === 0) return;
      const options: PlaceOptions = { resource, schemas, fingerprints, locate: locateIn(text) };
      for (const finding of findings) add(placeFinding(finding, options));
    },
  };
}

/** Objects come file by file, so what was made for the last text serves the next object too. */
function lastOf<T>(make: (text: string) => T): (text: string) => T {
  let last: { text: string; made: T } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, made: make(text) };
    return last.made;
  };
}
