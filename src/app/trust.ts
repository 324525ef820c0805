/**
 * `--trust REF`: configuration, policies, exemptions, baseline, and what is said of the cluster are read from a commit, not from the
 * working tree: whoever asks for a merge wrote that. What lies outside the repository is taken as it is.
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Reported } from '../model/index.ts';
import {
  commitOf,
  fileChanges,
  findRepository,
  isGitAddress,
  parseGitAddress,
  readBlobs,
} from '../sources/index.ts';
import { decodeText } from '../sources/manifests/text.ts';
import { type ConfigLocation, configPlaces, findConfig } from './config-file.ts';
import { gateFinding } from './gate-rules.ts';
import { lockPlaces } from './lock.ts';
import type { ScanOptions } from './options.ts';
import { folderInRepository } from './repository-file.ts';
import { openSource } from './source.ts';
import { linesOf, readText } from './text.ts';
import { UsageError } from './usage.ts';

export interface Trusted {
  /** With everything that decides named in the commit. */
  readonly options: ScanOptions;
  /** What of it is not the same in the working tree. */
  readonly findings: readonly Reported[];
  readonly notices: readonly string[];
}

/** Throws UsageError when Git knows no such commit, or the commit does not hold what a flag names. */
export function trust(options: ScanOptions): Trusted {
  const { ref } = options.gate;
  if (ref === undefined) return { options, findings: [], notices: [] };
  if (options.gate.updateBaseline)
    throw new UsageError(
      '--update-baseline writes what --trust does not read',
      'write the baseline without --trust, and have the file reviewed',
    );
  const place = openTrusted(ref, options.cwd);
  const { baseline, missing } = trustedBaseline(options, place);
  const read = (source: string) => place.source(source);
  for (const path of configPlaces(options.cwd)) place.source(path);
  return {
    options: {
      ...options,
      policies: options.policies.map(read),
      context: options.context.map(read),
      schemas: options.schemas.map(read),
      userinfo: options.userinfo === undefined ? undefined : read(options.userinfo),
      answers: options.answers === undefined ? undefined : read(options.answers),
      gate: { ...options.gate, baseline, lock: trustedLock(options, place) },
    },
    findings: place.differences(),
    notices: missing ? [`${ref} has no ${options.gate.baseline}: no finding is known`] : [],
  };
}

interface TrustedPlace {
  /** A source as it is in the commit; as it was given when it lies outside of the repository. */
  source(text: string): string;
  /** Findings of what the sources asked for so far hold here and not there, or otherwise. */
  differences(): Reported[];
}

function openTrusted(ref: string, cwd: string): TrustedPlace {
  const root = findRepository(cwd)?.root;
  if (root === undefined) throw new UsageError(`--trust ${ref}: this is no Git repository`);
  const commit = commitOf(root, ref);
  if (commit === undefined)
    throw new UsageError(`--trust: Git knows no ${ref}`, 'fetch it first: git fetch origin BRANCH');
  const asked = new Set<string>();
  return {
    source(text) {
      if (text === 'builtin') return text;
      const path = isGitAddress(text) ? pathAtHead(text) : insideOf(root, resolve(cwd, text));
      if (path === undefined) return text;
      asked.add(path);
      return `git::.//${path}?ref=${ref}`;
    },
    differences() {
      if (asked.size === 0) return [];
      const folder = folderInRepository(cwd);
      const found = differencesFrom(root, commit).filter(({ path }) =>
        [...asked].some((of) => of === '' || path === of || path.startsWith(`${of}/`)),
      );
      const before = readBlobs(
        root,
        commit,
        found.map(({ path }) => path),
      );
      return found.map(({ path, is }, i) => {
        const file = relative(folder, path).split(sep).join('/');
        const line = firstChange(before[i], readText(join(root, path)));
        const detail = `${path} ${is} ${ref}, which decides here`;
        return gateFinding('gate-changed', {
          origin: { file, line, column: 1 },
          detail,
          about: path,
          folder,
        });
      });
    },
  };
}

/** The first line that is not as it was; of what is new, or gone, the first. */
function firstChange(bytes: Uint8Array | undefined, now: string | undefined): number {
  const before = bytes === undefined ? undefined : decodeText(bytes);
  if (before === undefined || now === undefined) return 1;
  const [then, lines] = [linesOf(before), linesOf(now)];
  const at = lines.findIndex((line, i) => line !== then[i]);
  // Where only the end is gone, the last line that is left.
  return at < 0 ? lines.length : at + 1;
}

/** Of this repository without a ref: that would be what is checked out. */
function pathAtHead(text: string): string | undefined {
  const address = parseGitAddress(text);
  const isHere = !('fault' in address) && address.repository === '.' && address.ref === undefined;
  return isHere ? address.path : undefined;
}

/** From the root; undefined outside. A link to the outside counts as what it is here: part of the working tree. */
function insideOf(root: string, path: string): string | undefined {
  const [real, realRoot] = [existsSync(path) ? realpathSync(path) : path, realpathSync(root)];
  return below(root, path) ?? below(realRoot, real);
}

function below(root: string, path: string): string | undefined {
  const within = relative(root, path);
  return within === '..' || within.startsWith(`..${sep}`) ? undefined : within.split(sep).join('/');
}

function differencesFrom(root: string, commit: string): { readonly path: string; readonly is: string }[] {
  const { now, before } = fileChanges(root, commit);
  const moved = new Set([...now].map(([, from]) => from));
  return [
    ...[...now].map(([path, from]) => ({ path, is: from === path ? 'is not as it is in' : 'is not in' })),
    ...before.filter((path) => !moved.has(path)).map((path) => ({ path, is: 'is gone, and stands in' })),
    ...[...now]
      .filter(([path, from]) => from !== undefined && from !== path)
      .map(([path, from]) => ({ path: from!, is: `is now ${path}, and stands in` })),
  ];
}

/** The rampart.yaml that is named, else the nearest of the commit; with paths relative to its folder here. */
export function findTrustedConfig(
  cwd: string,
  named: string | undefined,
  ref: string,
): ConfigLocation | undefined {
  const place = openTrusted(ref, cwd);
  const places = named === undefined ? configPlaces(cwd) : [resolve(cwd, named)];
  for (const here of places) {
    const source = place.source(here);
    // Outside of the repository nobody who asks for a merge can write.
    if (!isGitAddress(source)) return findConfig(cwd, named);
    if (!holds(source, cwd)) continue;
    const { path, name } = openSource(source, { flag: '--trust', cwd });
    return { path, here, folder: dirname(here), shown: name(path) };
  }
  if (named !== undefined) throw new UsageError(`--config: ${ref} has no file ${named}`);
  return undefined;
}

/** A commit without the baseline knows no finding, as before there was one. */
function trustedBaseline(
  { cwd, gate: { baseline: given } }: ScanOptions,
  place: TrustedPlace,
): { readonly baseline: string | undefined; readonly missing: boolean } {
  if (given === undefined) return { baseline: undefined, missing: false };
  const baseline = place.source(given);
  return isGitAddress(baseline) && !holds(baseline, cwd)
    ? { baseline: undefined, missing: true }
    : { baseline, missing: false };
}

/** The one that is named, else the nearest of the commit, wherever the working tree has one. */
function trustedLock({ cwd, gate: { lock } }: ScanOptions, place: TrustedPlace): string | null {
  if (lock !== undefined) return lock === null ? null : place.source(lock);
  return (
    lockPlaces(cwd)
      .map(place.source)
      .find((source) => holds(source, cwd)) ?? null
  );
}

function holds(source: string, cwd: string): boolean {
  try {
    openSource(source, { flag: '--trust', cwd });
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}
