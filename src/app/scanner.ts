import { names } from '../decision/index.ts';
import type { Discovery, Exemption, Problem, Reported, Resource, Schemas } from '../model/index.ts';
import { createEvaluator, type Evaluator, type PolicySet, type UserInfo } from '../policy/index.ts';
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
import { allowancesIn, type FileAllowances, type KeyedAllowance } from './allowances.ts';
import { type Answer, authorizeBy } from './answers.ts';
import type { CompileSetup } from './compile.ts';
import { createContentReader } from './content.ts';
import { type Facts, learn, newFacts } from './facts.ts';
import {
  type Fingerprints,
  type PlaceOptions,
  placeFinding,
  placeNotKubernetes,
  placeProblemIn,
} from './place.ts';
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
  /** CustomResourceDefinitions from --schemas. */
  readonly definitions: readonly Resource[];
  readonly userInfo: UserInfo | undefined;
  readonly answers: readonly Answer[] | undefined;
  readonly defaultNamespace: string;
  readonly defaults: boolean;
  readonly all: boolean;
  readonly strict: boolean;
  readonly fingerprints: Fingerprints | undefined;
  readonly exemptions: readonly Exemption[];
}

/** What came out of it; plain data again. */
export interface Scanned {
  readonly results: Reported[];
  /** What the files say may be as it is. */
  readonly allowances: KeyedAllowance[];
  /** Which of the exemptions name an object of the files, by index. */
  readonly met: Set<number>;
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
  readonly text: FileText;
}

/** What is known of a file while its objects are looked at. */
interface FileText {
  readonly text: string;
  readonly locate: Locate;
  readonly allowances: FileAllowances;
}

/** `set` is what `setup.policies` compiles to. */
export function createScanner(setup: ScanSetup, set: PolicySet): Scanner {
  const read = createContentReader(DEFAULT_LIMITS.fileBytes);
  const collector = createCollector(setup);
  const facts = newFacts();
  const first = createJudge(set, setup, newFacts());
  const waiting: Waiting[] = [];
  const met = new Set<number>();

  function scanObject(resource: Resource, text: FileText): void {
    learn(facts, resource);
    collector.tally.resources++;
    for (const [i, exemption] of setup.exemptions.entries()) if (names(exemption, resource.ref)) met.add(i);
    const judgement = first.judge(resource);
    if (judgement === undefined) waiting.push({ resource, text });
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
      const text = fileText(manifest.text, entry.file);
      for (const resource of manifest.resources) {
        text.allowances.annotated(resource, text.locate);
        scanObject(resource, text);
      }
      collector.allowances.push(...text.allowances.found);
    },
    finish(all) {
      if (waiting.length > 0) {
        const second = createJudge(set, setup, all);
        for (const { resource, text } of waiting) {
          collector.judged(second.decide(resource), resource, text);
          collector.kind(resource, text, second.meant(resource));
        }
      }
      const { results, tally, allowances } = collector;
      return { results, tally, allowances, met };
    },
  };
}

/** Its places are worked out when they are first asked for. */
function fileText(text: string, file: string): FileText {
  let locate: Locate | undefined;
  return {
    text,
    locate: (document, pointer) => {
      locate ??= createLocator(text);
      return locate(document, pointer);
    },
    allowances: allowancesIn(text, file),
  };
}

interface Judgement {
  readonly findings: ReturnType<Evaluator['scan']>;
  readonly passes: number;
  readonly skips: number;
  readonly schemas: Schemas;
}

/** Evaluates objects with what is known so far. */
interface Judge {
  /** Undefined when facts that may still come could change the verdict. */
  judge(resource: Resource): Judgement | undefined;
  decide(resource: Resource): Judgement;
  /** What its kind should probably have been; undefined when nothing is wrong with it. */
  meant(resource: Resource): string | undefined;
}

function createJudge(set: PolicySet, setup: ScanSetup, facts: Facts): Judge {
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
  readonly allowances: KeyedAllowance[];
  problem(problem: Problem): void;
  notKubernetes(other: NotKubernetes): void;
  judged(judgement: Judgement, resource: Resource, text: FileText): void;
  /** Reports a kind that does not exist, if something else was meant. */
  kind(resource: Resource, text: FileText, meant: string | undefined): void;
}

function createCollector({
  all,
  strict,
  fingerprints,
}: Pick<ScanSetup, 'all' | 'strict' | 'fingerprints'>): Collector {
  const results: Reported[] = [];
  const tally = newTally();
  const folder = fingerprints?.folder ?? '';
  const placeProblem = placeProblemIn(folder);
  const add = (result: Reported): void => {
    count(tally, result);
    const listed = result.verdict !== 'skip' && result.verdict !== 'pass';
    if (listed || all) results.push(result);
  };
  return {
    results,
    tally,
    allowances: [],
    problem: (problem) => add(placeProblem(problem)),
    kind({ ref, origin }, { locate }, meant) {
      if (meant === undefined) return;
      const { line, column } = locate(origin.document, `${origin.pointer}/kind`);
      const detail = `Kubernetes has no ${ref.apiVersion} ${ref.kind}, so no policy looked at it as what it was meant to be.`;
      const help = `Did you mean ${meant}?`;
      add(
        placeProblem({ reason: 'unknown-kind', detail, help, origin: { file: origin.file, line, column } }),
      );
    },
    notKubernetes(other) {
      tally.notKubernetes++;
      if (strict || all) add(placeNotKubernetes(other, strict, folder));
    },
    judged({ findings, passes, skips, schemas }, resource, { locate, allowances }) {
      tally.verdicts.pass += passes;
      tally.verdicts.skip += skips;
      if (findings.length === 0) return;
      const options: PlaceOptions = { resource, schemas, fingerprints, locate };
      for (const finding of findings) {
        const placed = placeFinding(finding, options);
        const by = finding.verdict === 'violation' ? allowances.covering(finding, resource, locate) : [];
        add(by.length === 0 ? placed : { ...placed, allowedBy: by });
      }
    },
  };
}
