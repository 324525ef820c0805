/** The snapshot that a person names: a file, a data folder, or what the configuration here would make. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DATA_NAME, dataFolder } from '../data-folder.ts';
import { placeProblem } from '../place.ts';
import { UsageError } from '../usage.ts';
import { type BuiltSnapshot, buildSnapshot, type SnapshotOptions } from './build.ts';
import { type CompiledSnapshot, compileSnapshot } from './compile.ts';
import { digestOf, readingContent } from './content.ts';
import { readKept } from './keep.ts';
import { atOnce } from './steps.ts';

export interface NamedSnapshot {
  readonly snapshot: CompiledSnapshot;
  /** Of one that is in force. */
  readonly epoch?: number;
}

/** A file that holds the content of a snapshot; its digest is what it is. */
export function snapshotOfFile(name: string, cwd: string, now: number): NamedSnapshot {
  const text = textOf(name, cwd);
  const read = atOnce(readingContent(text));
  if (!read.ok) throw new UsageError(`${name}: ${read.detail}`, 'rampart snapshot build --output writes one');
  return { snapshot: compileSnapshot(read.content, { now, digest: digestOf(text) }) };
}

function textOf(name: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, name), 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${name}: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
}

/** The one in force in a data folder. */
export function snapshotOfData(name: string, cwd: string, now: number): NamedSnapshot {
  const kept = readKept(dataFolder(resolve(cwd, name)));
  if (!kept.ok) throw new UsageError(`${name}: ${kept.detail}`, HINTS[kept.reason]);
  const { content, digest, epoch } = kept;
  return { snapshot: compileSnapshot(content, { now, digest }), epoch };
}

const HINTS: Readonly<Record<string, string | undefined>> = {
  none: 'rampart snapshot build says what the configuration would make',
  'bad-signature': 'it is not taken; signing.pub of the folder holds the keys that count',
};

/** Throws UsageError also for policies that are refused: there is no snapshot of them. */
export function builtSnapshot(options: SnapshotOptions): BuiltSnapshot {
  const build = buildSnapshot(options);
  if (build.ok) return build;
  const lines = build.problems
    .map(placeProblem)
    .map(({ origin, detail }) => `${origin.file}:${origin.line}:${origin.column}: ${detail}`);
  throw new UsageError(['the policies here make no snapshot:', ...lines].join('\n'));
}

/** Any of them, as the command line names it. `here` is asked for `.`, unless that is a data folder. */
export function namedSnapshot(
  name: string,
  { cwd, now, here }: { readonly cwd: string; readonly now: number; readonly here: () => SnapshotOptions },
): NamedSnapshot {
  const path = resolve(cwd, name);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder) return snapshotOfFile(name, cwd, now);
  if (existsSync(dataFolder(path).note)) return snapshotOfData(name, cwd, now);
  if (path !== resolve(cwd))
    throw new UsageError(
      `${name} is no data folder`,
      `name a snapshot's file, a folder such as ${DATA_NAME}, or . for what the configuration here would make`,
    );
  const { content, digest } = builtSnapshot(here());
  return { snapshot: compileSnapshot(content, { now, digest }) };
}
