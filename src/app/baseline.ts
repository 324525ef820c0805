/** `--baseline` and `--update-baseline`: the file, and what it knows of a scan. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type BaselineEntry, baselineText, matchBaseline, parseBaseline } from '../decision/index.ts';
import type { Reported } from '../model/index.ts';
import { locate } from '../sources/index.ts';
import { fingerprint } from './fingerprint.ts';
import { fileInRepository } from './repository-file.ts';
import { openSource } from './source.ts';
import { UsageError } from './usage.ts';
import { readOwn } from './value.ts';

export interface Baseline {
  /** Marks what is known, and says what is known no more. */
  compare(results: readonly Reported[]): { results: Reported[]; notices: string[] };
}

/** What a scan looked at: of anything else the baseline says nothing about this scan. */
export interface Scope {
  /** By their names from the repository's root. */
  readonly files: ReadonlySet<string>;
  /** Whether a path lies at or below what was scanned. */
  contains(file: string): boolean;
  readonly policies: ReadonlySet<string>;
  /** The working directory, from the repository's root. */
  readonly folder: string;
}

/** Reads the entries of a baseline. A file that is not there, or is none, is the caller's mistake. */
export function readBaseline(file: string, text: string): readonly BaselineEntry[] {
  const parsed = parseBaseline(readOwn(text, file));
  if ('entries' in parsed) return parsed.entries;
  const { line, column } = locate(text, 0, parsed.pointer);
  throw new UsageError(`${file}:${line}:${column}: ${parsed.fault}`);
}

export function readBaselineText(file: string, cwd: string, required: boolean): string | undefined {
  const { path } = openSource(file, { flag: '--baseline', cwd });
  if (!existsSync(path)) {
    if (!required) return undefined;
    throw new UsageError(`--baseline: there is no ${file}`, '--update-baseline writes it');
  }
  return readFileSync(path, 'utf8');
}

export function createBaseline(file: string, entries: readonly BaselineEntry[], scope: Scope): Baseline {
  return {
    compare(results) {
      const candidates = results.filter(isCandidate).map((result) => candidate(result, scope.folder));
      const { known, left } = matchBaseline(entries, candidates, (path) => isGone(path, scope));
      const marked = new Set([...known].map(({ result }) => result));
      const stale = left.filter((entry) => isDecided(entry, scope, results));
      return {
        results: results.map((result) => (marked.has(result) ? { ...result, known: true } : result)),
        notices: staleNotice(file, stale),
      };
    },
  };
}

/** Writes what there is now, and keeps what was not looked at. */
export function updateBaseline(
  path: string,
  entries: readonly BaselineEntry[],
  results: readonly Reported[],
  scope: Scope,
): number {
  const kept = entries.filter((entry) => !isDecided(entry, scope, results));
  const now = results.filter(isCandidate).map((result) => entryOf(result, scope.folder));
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, baselineText([...kept, ...now]));
  renameSync(temporary, path);
  return now.length;
}

/** Errors never are: what was not evaluated may hide anything. */
function isCandidate({ verdict, reason }: Reported): boolean {
  return verdict === 'violation' && reason !== 'gate';
}

function candidate(result: Reported, folder: string) {
  return {
    result,
    fingerprint: result.fingerprint,
    fingerprintIn: (file: string) => fingerprint(result.identity ?? '', file),
    file: fileInRepository(folder, result.origin.file),
  };
}

function entryOf(result: Reported, folder: string): BaselineEntry {
  const { policy, validation, resource, path, severity, origin } = result;
  return {
    file: fileInRepository(folder, origin.file),
    fingerprint: result.fingerprint,
    policy: policy ?? '',
    severity,
    ...(validation === undefined ? {} : { validation }),
    ...(resource === null
      ? {}
      : { resource: `${resource.kind} ${[resource.namespace, resource.name].filter(Boolean).join('/')}` }),
    ...(path === undefined ? {} : { path }),
  };
}

function isGone(file: string, { files, contains }: Scope): boolean {
  return contains(file) && !files.has(file);
}

/** Whether this scan could have found it. */
function isDecided({ file, policy }: BaselineEntry, scope: Scope, results: readonly Reported[]): boolean {
  if (!scope.contains(file) || !scope.policies.has(policy)) return false;
  const isIt = (other: string) => fileInRepository(scope.folder, other) === file;
  const holdsIt = (folder: string) => {
    const inside = fileInRepository(scope.folder, folder);
    return inside === '.' || file.startsWith(`${inside}/`);
  };
  return !results.some(
    ({ verdict, origin, inputs = [] }) =>
      verdict === 'error' &&
      (isIt(origin.file) ||
        inputs.some((input) => (input.part === 'folder' ? holdsIt(input.file) : isIt(input.file)))),
  );
}

const SHOWN = 3;

function staleNotice(file: string, stale: readonly BaselineEntry[]): string[] {
  if (stale.length === 0) return [];
  const shown = stale
    .slice(0, SHOWN)
    .map(({ policy, resource, file: of }) => `${policy} on ${resource ?? of}`);
  const more = stale.length > SHOWN ? ` and ${stale.length - SHOWN} more` : '';
  const finding = stale.length === 1 ? 'finding is' : 'findings are';
  return [
    `${stale.length} known ${finding} gone: ${shown.join(', ')}${more}; --update-baseline takes them out of ${file}`,
  ];
}
