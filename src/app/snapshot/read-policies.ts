/** Files of policies, read again and again: what did not change is not parsed again, and is the same object as before. */
import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Problem, Resource } from '../../model/index.ts';
import { DEFAULT_LIMITS, readManifest } from '../../sources/index.ts';
import { type ContentReader, createContentReader } from '../content.ts';
import { listPolicyFiles } from '../policies.ts';
import type { ReadPolicies } from './build.ts';

/** By the name that files have in origins. */
export type KnownFiles = ReadonlyMap<string, KnownFile>;

interface KnownFile {
  /** What a look at it says without reading; undefined: it has to be read again. */
  readonly stamp: string | undefined;
  /** Of what it holds. */
  readonly digest: string;
  readonly documents: readonly Resource[];
  readonly problems: readonly Problem[];
}

export interface ReadAgain extends ReadPolicies {
  /** To be handed in the next time. */
  readonly files: KnownFiles;
  /** Where to find lines in them. */
  readonly paths: ReadonlyMap<string, string>;
}

/** @param cwd Files are named from here. */
export function* readingPolicies(
  sources: readonly string[],
  cwd: string,
  known: KnownFiles,
): Generator<void, ReadAgain> {
  const listed = sources.map((source) => listPolicyFiles(source, cwd));
  const paths = new Map(listed.flatMap(({ files }) => files.map(({ name, path }) => [name, path] as const)));
  yield;
  const read = createContentReader(DEFAULT_LIMITS.fileBytes);
  const files = new Map<string, KnownFile>();
  for (const [name, path] of paths) {
    files.set(name, readFile(name, path, known.get(name), read));
    yield;
  }
  const all = [...files.values()];
  return {
    documents: all.flatMap(({ documents }) => documents),
    problems: [...listed, ...all].flatMap(({ problems }) => problems),
    files,
    paths,
  };
}

function readFile(file: string, path: string, before: KnownFile | undefined, read: ContentReader): KnownFile {
  const stamp = stampOf(path);
  if (before?.stamp !== undefined && before.stamp === stamp) return before;
  const content = read(path);
  if (!content.ok) {
    const { reason, detail } = content;
    const problem = { reason, detail, origin: { file, line: 1, column: 1 } };
    return { stamp: undefined, digest: '', documents: [], problems: [problem] };
  }
  const digest = hash('sha256', content.bytes);
  if (before?.digest === digest) return { ...before, stamp };
  const { resources, problems } = readManifest(Buffer.from(content.bytes), { file, named: true });
  return { stamp, digest, documents: resources, problems };
}

/** A clock of a file system may stand still for so long. */
const TICK_MS = 2_000;

/** A file that was written just now could be written again without a trace in its times. */
function stampOf(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || Date.now() - Number(stat.ctimeMs) < TICK_MS) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs } = stat;
  return [path, dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
