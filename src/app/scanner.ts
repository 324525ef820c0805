import type { Discovery, Problem, Reported, Resource, Schemas } from '../model/index.ts';
import { createEvaluator, type Evaluator, type PolicySet, type UserInfo } from '../policy/index.ts';
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
import { type Answer, authorizeBy } from './answers.ts';
import { createContentReader } from './content.ts';
import { type Facts, learn, newFacts } from './facts.ts';
import { type PlaceOptions, placeFinding, placeNotKubernetes, placeProblem } from './place.ts';
import type { Profile } from './profiles.ts';
import { count, newTally, type Tally } from './tally.ts';
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
  /** CustomResourceDefinitions from --schemas. */
  readonly definitions: readonly Resource[];
  readonly userInfo: UserInfo | undefined;
  readonly answers: readonly Answer[] | undefined;
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
  readonly profile: number;
  readonly resource: Resource;
  readonly text: string;
}

/** `sets` is what `setup.profiles` compile to. */
export function createScanner(setup: ScanSetup, sets: readonly PolicySet[]): Scanner {
  const read = createContentReader(DEFAULT_LIMITS.fileBytes);
  const collector = createCollector(setup);
  const facts = newFacts();
  const first = judges(sets, setup, newFacts());
  const waiting: Waiting[] = [];

  function scanObject(resource: Resource, text: string, profile: number): void {
    learn(facts, resource);
    collector.tally.resources++;
    const judgement = first(profile).judge(resource);
    if (judgement === undefined) waiting.push({ profile, resource, text });
    else collector.judged(judgement, resource, text);
  }

  return {
    facts,
    file(entry) {
      collector.tally.files++;
      const given = setup.given.get(entry.file);
      const content = given === undefined ? read(entry.path) : { ok: true as const, bytes: given };
      if (!content.ok) {
        collector.problem({
          reason: content.reason,
          detail: content.detail,
          origin: { file: entry.file, line: 1, column: 1 },
        });
        return;
      }
      const manifest = readManifest(content.bytes, { file: entry.file, named: entry.named });
      for (const problem of manifest.problems) collector.problem(problem);
      for (const other of manifest.notKubernetes) collector.notKubernetes(other);
      const profile = setup.profileOf.get(entry.file) ?? 0;
      for (const resource of manifest.resources) scanObject(resource, manifest.text, profile);
    },
    finish(all) {
      if (waiting.length > 0) {
        const second = judges(sets, setup, all);
        for (const { profile, resource, text } of waiting) {
          const judge = second(profile);
          collector.judged(judge.decide(resource), resource, text);
          collector.kind(resource, text, judge.meant(resource));
        }
      }
      return { results: collector.results, tally: collector.tally };
    },
  };
}

interface Judgement {
  readonly findings: ReturnType<Evaluator['scan']>;
  readonly passes: number;
  readonly skips: number;
  readonly schemas: Schemas;
  readonly failOn: Profile['failOn'];
}

/** Evaluates objects with what is known so far. */
interface Judge {
  /** Undefined when facts that may still come could change the verdict. */
  judge(resource: Resource): Judgement | undefined;
  decide(resource: Resource): Judgement;
  /** What its kind should probably have been; undefined when nothing is wrong with it. */
  meant(resource: Resource): string | undefined;
}

/** The judge of a profile, made when its first object comes. */
function judges(sets: readonly PolicySet[], setup: ScanSetup, facts: Facts): (profile: number) => Judge {
  const made: Judge[] = [];
  return (profile) => {
    made[profile] ??= createJudge(sets[profile]!, setup.profiles[profile]!, setup, facts);
    return made[profile];
  };
}

function createJudge(set: PolicySet, profile: Profile, setup: ScanSetup, facts: Facts): Judge {
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
      ...(setup.defaults ? { defaults: createDefaults(minor, schemas) } : {}),
      ...(setup.userInfo === undefined ? {} : { userInfo: setup.userInfo }),
      ...(setup.answers === undefined ? {} : { authorize: authorizeBy(setup.answers) }),
    },
    { passes: setup.all, skips: setup.all },
  );
  const decide = (resource: Resource): Judgement => {
    const { passes, skips } = evaluator.tally;
    const findings = evaluator.scan(resource);
    return {
      findings,
      passes: evaluator.tally.passes - passes,
      skips: evaluator.tally.skips - skips,
      schemas,
      failOn: profile.failOn,
    };
  };
  return {
    decide,
    meant: ({ ref }) => discovery.meant(ref.apiVersion, ref.kind),
    judge(resource) {
      if (isGuessed(discovery, resource)) return undefined;
      const judgement = decide(resource);
      return judgement.findings.some(({ reason }) => reason === 'needs-namespace') ? undefined : judgement;
    },
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
  const add = (result: Reported, failOn: Profile['failOn'] = 'none'): void => {
    count(tally, result, failOn);
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
    judged({ findings, passes, skips, schemas, failOn }, resource, text) {
      tally.verdicts.pass += passes;
      tally.verdicts.skip += skips;
      if (findings.length === 0) return;
      const options: PlaceOptions = { resource, schemas, fingerprints, locate: locateIn(text) };
      for (const finding of findings) add(placeFinding(finding, options), failOn);
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
