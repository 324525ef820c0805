/**
 * The files a scan reads, in a stable order: depth first, names by code unit.
 *
 * Read are files called .yaml, .yml, .json, .jsonl and .ndjson, and any file named on the command line. Left out are
 * `.git` folders, what Git ignores (unless it is tracked all the same), and what `exclude` matches; the number is
 * returned. Symbolic links are followed inside the repository (or, outside any, inside the PATH), everything once; one
 * that leads elsewhere is a problem. `templates/` of a Helm chart is not read. Charts and kustomizations are returned
 * beside the files: what they come to only shows when they are rendered.
 */
import { type Dirent, existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Problem, Reason } from '../../model/index.ts';
import { findRepository, type Repository } from '../git/repository.ts';
import { type IgnoreRules, isIgnored, rulesAbove, trackedLookup, withFolder } from './gitignore.ts';

export interface FileEntry {
  /** To open. */
  readonly path: string;
  /** To show: relative to the working directory with `/`; as given when it lies outside. */
  readonly file: string;
  /** Given on the command line itself. */
  readonly named: boolean;
}

export interface WalkOptions {
  readonly cwd: string;
  /** Globs below the working directory, or absolute ones; one without a slash matches the name at any depth. */
  readonly exclude?: readonly string[];
  /** How the paths are shown, and so what lies below them; otherwise as {@link FileEntry} says. */
  readonly show?: (path: string) => string;
}

/** A folder to render: a chart or a kustomization. */
export interface Root {
  /** Without links. */
  readonly folder: string;
  /** The folder as results show it. */
  readonly file: string;
  /** What may be read: the repository, or the PATH where there is none; without links. */
  readonly boundary: string;
}

export interface Walk {
  readonly files: readonly FileEntry[];
  readonly charts: readonly Root[];
  readonly kustomizations: readonly Root[];
  /** The files but for some; those that were named themselves always stay. Paths without links. */
  without(left: ReadonlySet<string>): readonly FileEntry[];
  readonly problems: readonly Problem[];
  /** Files and folders left out by .gitignore or `exclude`. */
  readonly left: number;
}

interface State {
  readonly excluded: (place: Pick<Place, 'path' | 'file'>) => boolean;
  /** By real path. */
  readonly files: Map<string, FileEntry>;
  readonly folders: Set<string>;
  readonly charts: Map<string, Root>;
  readonly kustomizations: Map<string, Root>;
  readonly problems: Problem[];
  left: number;
}

/** What holds for one PATH. */
interface Tree {
  readonly repository: Repository | undefined;
  /** Links may not lead out of this folder; a real path. */
  readonly boundary: string;
  readonly isTracked: (path: string) => boolean;
  /** Links met, followed when all that lies in the tree itself is known. */
  readonly links: Place[];
}

/** A path in its three forms: to open, without links, to show. */
interface Place {
  readonly path: string;
  readonly real: string;
  readonly file: string;
}

export function walk(paths: readonly string[], options: WalkOptions): Walk {
  const cwd = resolve(options.cwd);
  const state: State = {
    excluded: matcher(options.exclude ?? []),
    files: new Map(),
    folders: new Set(),
    charts: new Map(),
    kustomizations: new Map(),
    problems: [],
    left: 0,
  };
  const show = options.show ?? ((path) => shown(cwd, path));
  for (const path of paths) walkPath(state, resolve(cwd, path), show(path));
  return {
    files: [...state.files.values()],
    charts: [...state.charts.values()],
    kustomizations: [...state.kustomizations.values()],
    without: (left) =>
      [...state.files].flatMap(([real, entry]) => (left.has(real) && !entry.named ? [] : [entry])),
    problems: state.problems,
    left: state.left,
  };
}

function walkPath(state: State, path: string, file: string): void {
  let place: Place;
  try {
    place = { path, real: realpathSync(path), file };
    if (!statSync(place.real).isDirectory()) {
      addFile(state, place, true);
      return;
    }
  } catch (error) {
    report(state, 'unreadable-file', file, `cannot be read: ${codeOf(error)}`);
    return;
  }
  const chart = chartAbove(place);
  if (chart !== undefined) {
    const { root } = findRepository(chart.real) ?? { root: chart.real };
    addRoot(state.charts, chart, root);
    return;
  }
  const repository = findRepository(place.real);
  const tree: Tree = {
    repository,
    boundary: repository?.root ?? place.real,
    isTracked: trackedLookup(repository),
    links: [],
  };
  walkFolder(state, tree, place, startingRules(tree, place.real));
  // Following one link may bring up others.
  for (let link = tree.links.shift(); link !== undefined; link = tree.links.shift())
    followLink(state, tree, link);
}

/** Rules from above a folder, unless they would leave out the folder itself: who names it wants it. */
function startingRules({ repository }: Tree, folder: string): IgnoreRules | undefined {
  if (repository === undefined) return undefined;
  const rules = rulesAbove(repository, folder);
  return isIgnored(folder, true, rules) ? undefined : rules;
}

function walkFolder(state: State, tree: Tree, place: Place, above: IgnoreRules | undefined): void {
  if (state.folders.has(place.real)) return;
  state.folders.add(place.real);
  const entries = readFolder(state, place);
  const hasIgnoreFile = entries.some((entry) => entry.name === '.gitignore');
  const isChart = entries.some((entry) => entry.name === 'Chart.yaml' && !entry.isDirectory());
  const rules = hasIgnoreFile ? withFolder(place.real, above) : above;
  for (const entry of entries) {
    const isFolder = entry.isDirectory();
    if (isFolder && entry.name === '.git') continue;
    const root = isFolder ? undefined : rootsNamed(state, entry.name);
    if (!isFolder && !entry.isSymbolicLink() && !isManifestName(entry.name) && root === undefined) continue;
    const child = inside(place, entry.name);
    if (isLeftOut(state, tree, child, isFolder, rules)) continue;
    if (root !== undefined) addRoot(root, place, tree.boundary);
    if (entry.isSymbolicLink()) tree.links.push(child);
    else if (isFolder && isChart && entry.name === 'templates') addRoot(state.charts, place, tree.boundary);
    // Kustomize's own file is read for what is in it only where nobody builds it.
    else if (root === state.kustomizations && !isManifestName(entry.name)) continue;
    else if (isFolder) walkFolder(state, tree, child, rules);
    else if (entry.isFile()) addFile(state, child, false);
    else report(state, 'unreadable-file', child.file, 'is no regular file');
  }
}

function inside(folder: Place, name: string): Place {
  const path = below(folder.path, sep, name);
  return {
    path,
    real: folder.real === folder.path ? path : below(folder.real, sep, name),
    file: folder.file === '.' ? name : below(folder.file, '/', name),
  };
}

/** As node:path's join for a single name, which needs no cleaning up. */
function below(folder: string, separator: string, name: string): string {
  return folder.endsWith(separator) ? folder + name : folder + separator + name;
}

function readFolder(state: State, { path, file }: Place): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    report(state, 'unreadable-file', file, `the folder cannot be read: ${codeOf(error)}`);
    return [];
  }
}

function isLeftOut(
  state: State,
  tree: Tree,
  place: Place,
  isFolder: boolean,
  rules: IgnoreRules | undefined,
): boolean {
  const { real } = place;
  const left =
    state.excluded(place) ||
    (rules !== undefined && isIgnored(real, isFolder, rules) && !tree.isTracked(real));
  if (left) state.left++;
  return left;
}

function followLink(state: State, tree: Tree, link: Place): void {
  let place: Place;
  let isFolder: boolean;
  try {
    place = { ...link, real: realpathSync(link.path) };
    isFolder = statSync(place.real).isDirectory();
  } catch (error) {
    // A loop, or nothing at the other end. Only one that looks like a manifest could hide anything.
    if (!isManifestName(link.path)) return;
    report(state, 'unreadable-file', link.file, `the link leads nowhere: ${codeOf(error)}`);
    return;
  }
  if (!isFolder && !isManifestName(link.path)) return;
  if (place.real !== tree.boundary && !place.real.startsWith(tree.boundary + sep)) {
    report(state, 'unreadable-file', link.file, 'the link leads out of the tree; give its target as a PATH');
    return;
  }
  if (isFolder) walkFolder(state, tree, place, startingRules(tree, place.real));
  else addFile(state, place, false);
}

function addFile(state: State, { path, real, file }: Place, named: boolean): void {
  const known = state.files.get(real);
  if (known !== undefined && (known.named || !named)) return;
  if (named && state.excluded({ path, file })) {
    state.left++;
    return;
  }
  state.files.set(real, known === undefined ? { path, file, named } : { ...known, named });
}

/** The chart whose templates a PATH belongs to. */
function chartAbove(place: Place): Place | undefined {
  let { real, path, file } = place;
  while (real !== dirname(real)) {
    const isTemplates = basename(real) === 'templates';
    [real, path, file] = [
      dirname(real),
      dirname(path),
      file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.',
    ];
    if (isTemplates && existsSync(join(real, 'Chart.yaml'))) return { real, path, file };
  }
  return undefined;
}

function addRoot(roots: Map<string, Root>, { real, file }: Place, boundary: string): void {
  if (!roots.has(real)) roots.set(real, { folder: real, file, boundary });
}

/** The kind of folder that a file of this name makes. */
function rootsNamed({ charts, kustomizations }: State, name: string): Map<string, Root> | undefined {
  if (name === 'Chart.yaml') return charts;
  return KUSTOMIZATION_NAMES.includes(name) ? kustomizations : undefined;
}

/** In the order in which kustomize looks for them. */
export const KUSTOMIZATION_NAMES: readonly string[] = [
  'kustomization.yaml',
  'kustomization.yml',
  'Kustomization',
];

const MANIFEST_NAME = /\.(?:ya?ml|json|jsonl|ndjson)$/i;

function isManifestName(name: string): boolean {
  return MANIFEST_NAME.test(name);
}

function matcher(globs: readonly string[]): State['excluded'] {
  if (globs.length === 0) return () => false;
  const picomatch = createRequire(import.meta.url)('picomatch') as typeof import('picomatch');
  const matches = globs.map((glob) => {
    const match = picomatch(glob.replace(/^\.\//, '').replace(/\/$/, ''), {
      dot: true,
      basename: !glob.includes('/'),
    });
    const absolute = isAbsolute(glob);
    return ({ path, file }: Pick<Place, 'path' | 'file'>) => {
      const name = absolute ? path.split(sep).join('/') : file;
      // Backtracking takes time by a power of the folders on a path: what lies deeper is read.
      return name.split('/', DEEPEST + 1).length <= DEEPEST && match(name);
    };
  });
  return (place) => matches.some((match) => match(place));
}

const DEEPEST = 100;

/** A path as results show it: relative to the working directory with `/`; as given when it lies outside. */
function shown(cwd: string, path: string): string {
  const within = relative(cwd, resolve(cwd, path));
  const outside = within === '..' || within.startsWith(`..${sep}`) || isAbsolute(within);
  return (outside ? path : within === '' ? '.' : within).split(sep).join('/');
}

function report(state: State, reason: Reason, file: string, detail: string): void {
  state.problems.push({ reason, detail, origin: { file, line: 1, column: 1 } });
}

function codeOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'ELOOP':
      return 'the links go round in a circle';
    default:
      return code ?? 'unknown error';
  }
}
