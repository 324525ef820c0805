/**
 * What a kustomization refers to, and what those refer to: found before anything is run, so that the program gets copies
 * of these files alone, and what leads to the network or out of the repository is refused where it is written.
 */
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Problem } from '../../model/index.ts';
import { DEFAULT_LIMITS, KUSTOMIZATION_NAMES } from '../../sources/index.ts';
import { readDocuments } from '../../sources/manifests/documents.ts';
import type { Shown } from '../names.ts';
import type { Root } from '../rendering.ts';
import { isWithin, realOf, StageError } from '../stage.ts';
import { asList, asText, field, isMap, readYaml, type YamlFile } from '../values.ts';

export interface Kustomization {
  readonly folder: string;
  readonly yaml: YamlFile;
  readonly component: boolean;
  /** Folders of other kustomizations that it builds on, in the order in which it names them. */
  readonly bases: readonly string[];
  /** Files with objects that it lists itself. */
  readonly resources: readonly string[];
}

/** A kustomization with all it builds on. */
export interface Closure {
  readonly root: Root;
  /** By folder, outermost first. */
  readonly kustomizations: ReadonlyMap<string, Kustomization>;
  /** Files to copy. */
  readonly files: ReadonlySet<string>;
  /** Files that have no meaning of their own beside the kustomization; without links. */
  readonly covered: ReadonlySet<string>;
  /** Why it cannot be built. */
  readonly problems: readonly Problem[];
}

export interface ReadOptions {
  readonly allowNetwork: boolean;
  readonly shown: Shown;
}

const MAXIMUM_KUSTOMIZATIONS = 1000;

export function readClosure(root: Root, { allowNetwork, shown }: ReadOptions): Closure {
  const kustomizations = new Map<string, Kustomization>();
  const files = new Set<string>();
  const covered = new Set<string>();
  const problems: Problem[] = [];

  function visit(folder: string, trail: readonly string[]): void {
    if (kustomizations.has(folder)) return;
    const path = kustomizationFile(folder);
    const fault = (
      detail: string,
      line = 1,
      column = 1,
      help?: string,
      reason: Problem['reason'] = 'not-rendered',
    ) =>
      problems.push({
        reason,
        detail,
        origin: { file: shown(path ?? folder), line, column },
        ...(help === undefined ? {} : { help }),
      });
    if (path === undefined) return void fault('there is no kustomization.yaml in the folder');
    const read = readYaml(path);
    if (!read.ok) return void fault(read.detail, read.line);
    if (kustomizations.size >= MAXIMUM_KUSTOMIZATIONS)
      return void fault(`builds on more than ${MAXIMUM_KUSTOMIZATIONS} kustomizations`);
    const bases: string[] = [];
    const resources: string[] = [];
    const { value } = read.file;
    const component = field(value, 'kind') === 'Component';
    kustomizations.set(folder, { folder, yaml: read.file, bases, resources, component });
    files.add(path);
    covered.add(realOf(path));

    const at = (pointer: string) => read.file.locate(read.file.document, pointer);
    for (const name of ['helmCharts', 'helmChartInflationGenerator'])
      if (asList(field(value, name)).length > 0) {
        const { line, column } = at(`/${name}`);
        const help = 'render the chart by itself, or with kustomize build --enable-helm into rampart scan -';
        fault(
          `${name} makes kustomize run helm, which Rampart does not let it`,
          line,
          column,
          help,
          'unsupported',
        );
      }
    for (const reference of referencesOf(value)) {
      const { line, column } = at(reference.pointer);
      const { text } = reference;
      const target = join(folder, text);
      const isThere = statSync(target, { throwIfNoEntry: false }) !== undefined;
      if (/^https?:/i.test(text.trim()) || (!isThere && looksRemote(text))) {
        if (allowNetwork && namesHost(text)) continue;
        const help = 'copy it into the repository, or allow the download with --allow-network';
        fault(`${text} is not in the repository`, line, column, help);
      } else if (isAbsolute(text)) fault(`${text} is an absolute path`, line, column);
      else if (!isWithin(target, root.boundary))
        fault(`${text} leads out of ${shown(root.boundary)}`, line, column);
      else if (!isThere) {
        if (!reference.optional) fault(`there is no ${text}`, line, column);
      } else take(target, reference, line, column);
    }

    function take(target: string, reference: Reference, line: number, column: number): void {
      try {
        const real = realOf(target);
        if (!isWithin(real, root.boundary))
          return void fault(`${reference.text} is a link out of ${shown(root.boundary)}`, line, column);
        if (statSync(real).isDirectory()) {
          if (!reference.folder) return void fault(`${reference.text} is a folder`, line, column);
          if (trail.includes(target))
            return void fault(`${reference.text} builds on this kustomization`, line, column);
          bases.push(target);
          visit(target, [...trail, target]);
          return;
        }
        files.add(target);
        if (reference.folder && !reference.config) resources.push(target);
        if (reference.covered) covered.add(real);
        if (reference.config) for (const inner of configReferences(target)) innerFile(inner, line, column);
      } catch (error) {
        if (!(error instanceof StageError)) throw error;
        fault(`${reference.text} ${error.message}`, line, column);
      }
    }

    /** A file that the configuration of a generator or transformer names. */
    function innerFile(text: string, line: number, column: number): void {
      if (/^https?:/i.test(text)) {
        if (!allowNetwork) fault(`${text} is not in the repository`, line, column);
        return;
      }
      const target = join(folder, text);
      if (isAbsolute(text) || !isWithin(target, root.boundary)) return;
      const stat = statSync(target, { throwIfNoEntry: false });
      if (stat?.isFile() && isWithin(realOf(target), root.boundary)) files.add(target);
    }
  }

  visit(root.folder, [root.folder]);
  return { root, kustomizations, files, covered, problems };
}

export function kustomizationFile(folder: string): string | undefined {
  return KUSTOMIZATION_NAMES.map((name) => join(folder, name)).find(
    (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true,
  );
}

interface Reference {
  readonly text: string;
  readonly pointer: string;
  /** Whether it may be a folder with a kustomization. */
  readonly folder: boolean;
  /** Whether the file is part of the kustomization, and not also a manifest of its own. */
  readonly covered: boolean;
  /** Whether the file configures a generator or transformer. */
  readonly config: boolean;
  /** Whether it may also be something else than a path. */
  readonly optional: boolean;
}

const FILE = { folder: false, covered: true, config: false, optional: false };
/** By field: what its entries are. */
const LISTS: Readonly<Record<string, Omit<Reference, 'text' | 'pointer'>>> = {
  resources: { ...FILE, folder: true },
  bases: { ...FILE, folder: true },
  components: { ...FILE, folder: true },
  crds: { ...FILE, covered: false },
  configurations: FILE,
  generators: { ...FILE, folder: true, config: true, optional: true },
  transformers: { ...FILE, folder: true, config: true, optional: true },
  validators: { ...FILE, folder: true, config: true, optional: true },
  patchesStrategicMerge: { ...FILE, optional: true },
};

function* referencesOf(value: unknown): Iterable<Reference> {
  for (const [name, kind] of Object.entries(LISTS))
    for (const [index, entry] of asList(field(value, name)).entries()) {
      const pointer = `/${name}/${index}`;
      if (typeof entry !== 'string') continue;
      if (!kind.optional || !entry.includes('\n')) yield { ...kind, text: entry, pointer };
      // Written into the kustomization itself.
      else if (kind.config)
        for (const text of textsIn(entry)) yield { ...FILE, text, pointer, covered: false, optional: true };
    }
  for (const name of ['patches', 'patchesJson6902', 'replacements'])
    for (const [index, entry] of asList(field(value, name)).entries()) {
      const text = asText(field(entry, 'path'));
      if (text !== undefined && text !== '') yield { ...FILE, text, pointer: `/${name}/${index}/path` };
    }
  const openapi = asText(field(field(value, 'openapi'), 'path'));
  if (openapi !== undefined) yield { ...FILE, covered: false, text: openapi, pointer: '/openapi/path' };
  for (const name of ['configMapGenerator', 'secretGenerator'])
    for (const [index, entry] of asList(field(value, name)).entries())
      yield* generatorFiles(entry, `/${name}/${index}`);
}

/** The files of a generator stay manifests of their own: as data of a ConfigMap nothing is deployed. */
function* generatorFiles(entry: unknown, pointer: string): Iterable<Reference> {
  const data = { ...FILE, covered: false };
  for (const name of ['files', 'envs'])
    for (const [index, item] of asList(field(entry, name)).entries()) {
      const text = asText(item);
      if (text !== undefined)
        yield {
          ...data,
          text: name === 'files' ? withoutKey(text) : text,
          pointer: `${pointer}/${name}/${index}`,
        };
    }
  const env = asText(field(entry, 'env'));
  if (env !== undefined && env !== '') yield { ...data, text: env, pointer: `${pointer}/env` };
}

function withoutKey(text: string): string {
  return text.includes('=') ? text.slice(text.indexOf('=') + 1) : text;
}

/** Texts in the configuration of a generator or transformer that may name files. */
function configReferences(path: string): string[] {
  const { size } = statSync(path);
  return size > 2 ** 20 ? [] : textsIn(readFileSync(path, 'utf8'));
}

function textsIn(yaml: string): string[] {
  const found: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === 'string' && value.length < 1000 && !value.includes('\n'))
      found.push(withoutKey(value));
    else if (Array.isArray(value)) value.forEach(collect);
    else if (isMap(value)) Object.values(value).forEach(collect);
  };
  for (const { value } of readDocuments(yaml, DEFAULT_LIMITS)) collect(value);
  return found;
}

/** Other repositories of this machine are no network: nothing lets a branch read them. */
function namesHost(text: string): boolean {
  return /^(?:(?:git::)?(?:https?|ssh|git):\/\/|[\w.-]+@[\w.-]+:|[\w-]+(?:\.[\w-]+)+\/)/i.test(text.trim());
}

/** As kustomize tells a repository from a folder, and rather too often. */
function looksRemote(text: string): boolean {
  return (
    /^[a-z][a-z0-9+.-]*:/i.test(text) ||
    /^[\w.-]+@[\w.-]+:/.test(text) ||
    /[?&](?:ref|version)=/.test(text) ||
    /^[\w-]+(?:\.[\w-]+)+\/[^/]+\/[^/]+/.test(text) ||
    /(?:\.git|_git)(?:\/|$)/.test(text)
  );
}
