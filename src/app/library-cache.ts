/**
 * What a run learnt of its policies, kept for the next: their documents read, their expressions parsed and checked.
 * One file for each set of policy files, engine and settings, named by their digest, in a folder that only the user can
 * write. It may be deleted at any time; a file that is not exactly what was written is not used.
 */
import { readdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Problem, Resource } from '../model/index.ts';
import type { ExpressionMemory } from '../policy/index.ts';
import { builtin } from './builtin.ts';

/** Documents of policy files. */
export interface KnownDocuments {
  readonly documents: readonly Resource[];
  readonly problems: readonly Problem[];
}

export interface LibraryCache extends ExpressionMemory {
  readonly known: KnownDocuments | undefined;
  /** Writes what is new, if anything is. Never throws: a cache that cannot be written is none. */
  save(documents: KnownDocuments): void;
}

const DIGEST_LENGTH = 64;
/** Files kept, the youngest: each change of a policy or of Rampart makes a new one. */
const KEPT_FILES = 16;

/** @param key What everything in the file hangs on: contents of the policy files, engine, settings. */
export function libraryCacheFile(folder: string, key: string): string {
  return join(folder, `${sha256(key)}.bin`);
}

export function openLibraryCache(file: string): LibraryCache {
  const kept = read(file);
  const fresh = new Map<string, () => string>();
  return {
    get known() {
      return kept === undefined
        ? undefined
        : (builtin('node:v8').deserialize(kept.documents) as KnownDocuments);
    },
    get: (expression) => kept?.expressions.get(expression),
    set: (expression, packed) => fresh.set(expression, packed),
    save({ documents, problems }) {
      if (kept !== undefined && fresh.size === 0) return;
      const { serialize } = builtin('node:v8');
      const expressions = new Map(kept?.expressions);
      for (const [expression, packed] of fresh) expressions.set(expression, packed());
      write(file, { documents: kept?.documents ?? serialize({ documents, problems }), expressions });
    },
  };
}

interface Kept {
  /** Serialized {@link KnownDocuments}: helper threads are handed them, and need only the expressions. */
  readonly documents: Buffer;
  readonly expressions: Map<string, string>;
}

function read(file: string): Kept | undefined {
  try {
    const bytes = readFileSync(file);
    const body = bytes.subarray(DIGEST_LENGTH);
    if (sha256(body) !== bytes.toString('latin1', 0, DIGEST_LENGTH)) return undefined;
    return builtin('node:v8').deserialize(body) as Kept;
  } catch {
    return undefined;
  }
}

/** Written beside and renamed, so that runs at the same time never read half a file. */
function write(file: string, kept: Kept): void {
  try {
    const body = builtin('node:v8').serialize(kept);
    const beside = `${file}.${process.pid}`;
    writeFileSync(beside, Buffer.concat([Buffer.from(sha256(body), 'latin1'), body]), {
      mode: 0o600,
    });
    renameSync(beside, file);
    prune(dirname(file));
  } catch {
    // No space, no right to write: the next run starts as this one did.
  }
}

function prune(folder: string): void {
  const files = readdirSync(folder).map((name) => {
    const path = join(folder, name);
    return { path, at: statSync(path).mtimeMs };
  });
  for (const { path } of files.sort((a, b) => b.at - a.at).slice(KEPT_FILES)) unlinkSync(path);
}

/** Loaded when it is needed: node:crypto is a tenth of the time to a first finding. */
function sha256(data: string | Buffer): string {
  return builtin('node:crypto').hash('sha256', data);
}
