/** What a person wants to know of a policy that stopped him: why, what, and what to write instead. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { diffLines, formatPatch, structuredPatch } from 'diff';
import { type CatalogueEntry, type CatalogueOptions, readCatalogue } from './catalogue.ts';
import { nearest } from './nearest.ts';
import { builtinPath } from './policies.ts';
import { UsageError } from './usage.ts';

export interface Explanation {
  readonly policy: CatalogueEntry;
  /**
   * From an object that breaks it to the most similar one that does not, as a unified diff without headers; undefined
   * where the policy has no such cases beside it.
   */
  readonly example: string | undefined;
}

/** Throws UsageError for an id that no policy has. */
export function explainPolicies(ids: readonly string[], options: CatalogueOptions): Explanation[] {
  const { policies } = readCatalogue(options);
  return ids.map((id) => {
    const policy = policies.find((entry) => entry.id === id);
    if (policy === undefined) throw unknown(id, policies);
    return { policy, example: exampleOf(policy, options.cwd) };
  });
}

/** The same of a whole library. */
export function explainAll(options: CatalogueOptions): Explanation[] {
  const { policies } = readCatalogue(options);
  return policies.map((policy) => ({ policy, example: exampleOf(policy, options.cwd) }));
}

function unknown(id: string, policies: readonly CatalogueEntry[]): UsageError {
  const near = nearest(
    id,
    policies.map((policy) => policy.id),
  );
  const help = near === undefined ? 'rampart policies list names them all' : `did you mean ${near}?`;
  return new UsageError(`there is no policy ${id}`, help);
}

/** Cases beyond so many, or longer ones, explain nothing better. */
const MOST_CASES = 12;
const MOST_BYTES = 20_000;

function exampleOf({ origin: { file }, looksUp }: CatalogueEntry, cwd: string): string | undefined {
  const folder = dirname(file.startsWith('builtin:') ? builtinPath(file) : join(cwd, file));
  const [bad, good] = ['fail', 'pass'].map((kind) => {
    const cases = casesIn(join(folder, kind));
    // Of several objects in a file each is a case, unless they belong together.
    return looksUp ? cases : cases.flatMap(documentsOf);
  });
  const pairs = bad!.flatMap((before) =>
    good!.map((after) => ({ before, after, cost: cost(before, after) })),
  );
  const [closest] = pairs.sort((a, b) => a.cost - b.cost);
  return closest === undefined ? undefined : unified(closest.before, closest.after);
}

/** Texts of the cases of a folder itself: those below hold for some setting only. */
function casesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
      .map(({ name }) => name)
      .sort()
      .slice(0, MOST_CASES)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .filter((text) => text.length <= MOST_BYTES);
  } catch {
    return []; // there is none
  }
}

function documentsOf(text: string): string[] {
  return text
    .split(/^---.*\n/m)
    .map((document) => `${document.trim()}\n`)
    .filter((document) => document !== '\n');
}

/** Lines that differ; of equals the shorter text explains more. */
function cost(before: string, after: string): number {
  const changed = diffLines(before, after).filter(({ added, removed }) => added || removed);
  return changed.reduce((sum, { count }) => sum + count, 0) + (before.length + after.length) / 1e6;
}

function unified(before: string, after: string): string {
  const patch = structuredPatch('', '', before, after, undefined, undefined, { context: 40 });
  return formatPatch(patch)
    .split('\n')
    .filter((line) => !/^(?:Index:|===|---|\+\+\+|@@|\\ No newline)/.test(line))
    .join('\n')
    .replace(/^\n+/, '')
    .trimEnd();
}
