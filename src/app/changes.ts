/** `--changed`: what of the scanned files is not as it was where the branch began. */
import { existsSync, realpathSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { diffArrays } from 'diff';
import type { RenderInput, Reported, Resource } from '../model/index.ts';
import {
  fileChanges,
  findRepository,
  GitError,
  mergeBase,
  readBlobs,
  readManifest,
} from '../sources/index.ts';
import { decodeText } from '../sources/manifests/text.ts';
import { type ChangedKind, changedKinds, isManifest, nameOf } from './changed-kinds.ts';
import type { Making } from './makings.ts';
import { sameDeployments } from './same-deployments.ts';
import { linesOf, readText } from './text.ts';
import { UsageError } from './usage.ts';

export interface Changes {
  /** The commit it is compared with, and what that was found by. */
  readonly base: { readonly commit: string; readonly name: string };
  /**
   * Whether a result stands on a changed line, is about a resource that changed, was rendered from what changed, or hangs on
   * objects of a kind that did.
   */
  readonly concerns: (result: Reported) => boolean;
  /** Whether a line changed, or the whole file is new. */
  hasLine(file: string, line: number): boolean;
}

export interface ChangesOptions {
  readonly cwd: string;
  /** What to compare with; undefined: what the branch is to be merged into. */
  readonly base: string | undefined;
  /** What errors call it: `--changed`, or where it is set. */
  readonly setting: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a scanned file lies, by its name in results; undefined for anything else: that always counts. */
  readonly pathOf: (file: string) => string | undefined;
  readonly textOf: (file: string) => string | undefined;
  /** Whether what a policy says of an object hangs on objects of a kind, because it looks them up. */
  readonly looksUp: (policy: string, of: ChangedKind) => boolean;
  /** What charts and kustomizations make. */
  readonly makings: () => readonly Making[];
  /** Whether that is all that came, went or changed. */
  readonly isExact: () => boolean;
}

/** A file of the working tree beside what it was. */
interface Compared {
  readonly lines: ReadonlySet<number> | 'all';
  /** First lines of its resources that are not as they were; in order, with the line behind the last. */
  readonly resources: readonly { readonly start: number; readonly end: number }[];
}

/** Throws UsageError when there is nothing to compare with. */
export function openChanges(options: ChangesOptions): Changes {
  const root = findRepository(options.cwd)?.root;
  if (root === undefined)
    throw new UsageError(`${options.setting} compares with a commit, and this is no Git repository`);
  try {
    return compareWith(root, options);
  } catch (error) {
    if (error instanceof GitError) throw new UsageError(`${options.setting}: ${error.message}`);
    throw error;
  }
}

function compareWith(
  root: string,
  { cwd, base: name, setting, env, pathOf, textOf, looksUp, makings, isExact }: ChangesOptions,
): Changes {
  const base = mergeBase(root, name, env);
  if ('fault' in base) throw new UsageError(`${setting}: ${base.fault}`, base.hint);
  const changed = fileChanges(root, base.commit);
  const before = once(() => resourcesBefore(root, base.commit, changed.before));
  const compared = new Map<string, Compared | undefined>();
  /** Undefined: as it was. */
  const compare = (file: string): Compared | undefined => {
    if (compared.has(file)) return compared.get(file);
    const path = pathOf(file);
    const inside = path === undefined ? undefined : insideOf(root, path);
    const found =
      inside === undefined
        ? ALL
        : changed.now.has(inside)
          ? compareFile(textOf(file), textBefore(root, base.commit, changed.now.get(inside)), before)
          : undefined;
    compared.set(file, found);
    return found;
  };
  const hasLine = (file: string, line: number): boolean => {
    const lines = compare(file)?.lines;
    return lines === 'all' || lines?.has(line) === true;
  };
  const isChanged = (file: string, line: number): boolean =>
    hasLine(file, line) ||
    compare(file)?.resources.some(({ start, end }) => start <= line && line < end) === true;
  const everything = once(() => [...changed.now.keys(), ...changed.before]);
  const gone = once(() => changed.before.filter((path) => !changed.now.has(path)));
  const hasInput = ({ file, part, line }: RenderInput): boolean => {
    if (part === 'object') return isChanged(file, line ?? 1);
    const insides = insidesOf(root, resolve(cwd, file));
    if (part === 'file') return insides.some((inside) => everything().includes(inside));
    if (part === 'environments')
      return insides.some((inside) => everything().includes(inside) && saysOtherwise(inside));
    const paths = part === 'folder' ? everything() : gone();
    return insides.some((inside) => paths.some((path) => inside === '' || path.startsWith(`${inside}/`)));
  };
  /** Of a rampart.yaml: whether charts are deployed in other ways. */
  const saysOtherwise = (inside: string): boolean => {
    const then = textBefore(root, base.commit, changed.now.get(inside) ?? inside);
    return !sameDeployments(then ?? '', readText(join(root, inside)) ?? '');
  };
  const inputs = new Map<string, boolean>();
  const hasInputOnce = (input: RenderInput): boolean => {
    const key = JSON.stringify(input);
    const found = inputs.get(key) ?? hasInput(input);
    inputs.set(key, found);
    return found;
  };
  const kinds = once(() => {
    const made = makings().filter(({ inputs }) => inputs.some(hasInputOnce));
    return changedKinds({ root, commit: base.commit, changed, before: before(), made, exact: isExact() });
  });
  const hangsOnOthers = (policy: string): boolean => kinds().some((kind) => looksUp(policy, kind));
  return {
    base,
    hasLine,
    concerns: ({ policy, verdict, resource, origin: { file, line }, inputs }) => {
      if (inputs?.some(hasInputOnce)) return true;
      // Who deletes a network policy changes what is said of the pods that it guarded.
      if (policy !== null && verdict === 'violation' && hangsOnOthers(policy)) return true;
      const found = compare(file);
      if (found === undefined) return false;
      // A file that cannot be read is wrong as a whole, wherever reading it ended.
      return (verdict === 'error' && resource === null) || isChanged(file, line);
    },
  };
}

/** What Git knows nothing of counts as changed. */
const ALL: Compared = { lines: 'all', resources: [] };

function insideOf(root: string, path: string): string | undefined {
  const inside = relative(realpathSync(root), realpathSync(path));
  return inside.startsWith('..') || inside === '' ? undefined : inside.split(sep).join('/');
}

/** As it is written and as it lies behind links: Git knows a change of either. Without what lies outside. */
function insidesOf(root: string, path: string): string[] {
  const written = relative(root, path);
  const behind = existsSync(path) ? [relative(realpathSync(root), realpathSync(path))] : [];
  return [written, ...behind]
    .filter((inside) => !inside.startsWith('..'))
    .map((inside) => inside.split(sep).join('/'));
}

function textBefore(root: string, commit: string, path: string | undefined): string | undefined {
  const [bytes] = path === undefined ? [] : readBlobs(root, commit, [path]);
  return bytes === undefined ? undefined : decodeText(bytes);
}

/** More edits than this in one file, and all of it counts as changed: finding the fewest would take long. */
const MOST_EDITS = 5000;

function compareFile(
  now: string | undefined,
  before: string | undefined,
  known: () => ReadonlyMap<string, readonly Resource[]>,
): Compared {
  if (now === undefined || before === undefined) return { lines: 'all', resources: [] };
  return { lines: changedLines(linesOf(before), linesOf(now)), resources: changedResources(now, known()) };
}

function changedLines(before: string[], now: string[]): ReadonlySet<number> | 'all' {
  const parts = diffArrays(before, now, { maxEditLength: MOST_EDITS });
  if (parts === undefined) return 'all';
  const lines = new Set<number>();
  let line = 1;
  for (const { added, removed, count } of parts) {
    if (removed) continue;
    if (added) for (let i = 0; i < count; i++) lines.add(line + i);
    line += count;
  }
  return lines;
}

/** Resources that no file of before held just so: a resource that only moved is as it was. */
function changedResources(
  text: string,
  before: ReadonlyMap<string, readonly Resource[]>,
): Compared['resources'] {
  const { resources } = readManifest(text, { file: '', named: true });
  return resources.flatMap((resource, i) => {
    const same = before
      .get(nameOf(resource))
      ?.some(({ object }) => isDeepStrictEqual(object, resource.object));
    const end = resources[i + 1]?.origin.line ?? Number.POSITIVE_INFINITY;
    return same === true ? [] : [{ start: resource.origin.line, end }];
  });
}

function resourcesBefore(
  root: string,
  commit: string,
  paths: readonly string[],
): ReadonlyMap<string, readonly Resource[]> {
  const manifests = paths.filter(isManifest);
  const found = new Map<string, Resource[]>();
  for (const bytes of readBlobs(root, commit, manifests)) {
    if (bytes === undefined) continue;
    for (const resource of readManifest(bytes, { file: '', named: true }).resources) {
      const name = nameOf(resource);
      found.set(name, [...(found.get(name) ?? []), resource]);
    }
  }
  return found;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
