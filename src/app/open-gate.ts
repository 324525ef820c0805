/** What a scan was told of known and excused findings, and of what to compare with. */
import { resolve } from 'node:path';
import { isWanted, mayBeWanted, type PolicySet, wantedBy } from '../policy/index.ts';
import { type FileEntry, isGitAddress } from '../sources/index.ts';
import { createBaseline, readBaseline, readBaselineText, type Scope, updateBaseline } from './baseline.ts';
import type { Changes } from './changes.ts';
import type { Gate } from './gate.ts';
import type { Making } from './makings.ts';
import type { ScanOptions } from './options.ts';
import { fileInRepository } from './repository-file.ts';
import type { Scanned } from './scanner.ts';
import { UsageError } from './usage.ts';

export interface GateFiles {
  readonly source: (file: string) => string | undefined;
  /** Scanned as they stand, or rendered. */
  readonly listed: readonly Pick<FileEntry, 'path' | 'file'>[];
  /** Opens a scanned or policy file by the name it has in results. */
  readonly pathOf: (file: string) => string | undefined;
  /** What was rendered, and may be under other values. */
  readonly makings: () => readonly Making[];
  /** Whether that is all that came, went or changed. */
  readonly isExact: () => boolean;
}

interface Known {
  readonly set: PolicySet;
  readonly scanned: Scanned;
  /** Of the policies that judged. */
  readonly ids: ReadonlySet<string>;
  readonly folder: string;
  readonly files: GateFiles;
  readonly differences: Gate['differences'];
  readonly staging: Gate['staging'];
}

export async function openGate(options: ScanOptions, known: Known): Promise<Gate> {
  const { set, scanned, ids, folder, files, differences, staging } = known;
  return {
    now: Date.now(),
    policies: ids,
    allowBelow: options.gate.allowBelow,
    // A file that is read twice, as it stands and in a rendering, says the same twice.
    allowances: [...new Map(scanned.allowances.map((one) => [one.key, one])).values()],
    exemptions: set.exemptions,
    met: new Set([...scanned.met].map((index) => set.exemptions[index]!)),
    baseline: baselineOf(options, known),
    changes: await changesOf(options, files, set),
    blame: await blameOf(options, files),
    differences,
    staging,
    folder,
  };
}

async function changesOf(
  { cwd, says = (name) => `--${name}`, gate: { changed, env } }: ScanOptions,
  { source, listed, makings, isExact }: GateFiles,
  { policies }: PolicySet,
): Promise<Changes | undefined> {
  if (changed === undefined) return undefined;
  const { openChanges } = await import('./changes.ts');
  const paths = new Map(listed.filter(({ path }) => path !== '-').map(({ file, path }) => [file, path]));
  return openChanges({
    cwd,
    env,
    base: changed ?? undefined,
    setting: says('changed'),
    pathOf: (file) => paths.get(file),
    textOf: source,
    looksUp: (policy, { kind, group }) => {
      const wanted = wantedBy(policies.filter(({ id }) => id === policy));
      if (kind === undefined || group === undefined) return mayBeWanted(wanted, kind);
      return isWanted(wanted, { kind, group });
    },
    makings,
    isExact,
  });
}

async function blameOf({ gate: { blame } }: ScanOptions, { pathOf }: GateFiles): Promise<Gate['blame']> {
  if (!blame) return () => '';
  const { openBlame } = await import('./blame.ts');
  return openBlame(pathOf);
}

function baselineOf(
  { cwd, paths, gate: { baseline: file, updateBaseline: update } }: ScanOptions,
  { ids, folder, files }: Known,
): Gate['baseline'] {
  if (file === undefined) return undefined;
  if (update && isGitAddress(file)) throw new UsageError(`--update-baseline cannot write to ${file}`);
  const text = readBaselineText(file, cwd, !update);
  const entries = text === undefined ? [] : readBaseline(file, text);
  const scope = scopeOf(paths, ids, folder, files.listed);
  if (!update) return createBaseline(file, entries, scope);
  return {
    compare(results) {
      const count = updateBaseline(resolve(cwd, file), entries, results, scope);
      const written = readBaseline(file, readBaselineText(file, cwd, true)!);
      const { results: marked } = createBaseline(file, written, scope).compare(results);
      return { results: marked, notices: [`${file} now knows ${count} findings of what was scanned`] };
    },
  };
}

function scopeOf(
  paths: readonly string[],
  policies: ReadonlySet<string>,
  folder: string,
  listed: GateFiles['listed'],
): Scope {
  const roots = paths
    .filter((path) => path !== '-')
    .map((path) => fileInRepository(folder, path.replace(/^\.\//, '').replace(/\/+$/, '') || '.'));
  return {
    policies,
    folder,
    files: new Set(listed.map(({ file }) => fileInRepository(folder, file))),
    contains: (file) =>
      roots.some((root) => root === '.' || root === '' || file === root || file.startsWith(`${root}/`)),
  };
}
