/** Reads the manifests of folders again and again, and of each file no more than has changed. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Problem, Resource } from '../../model/index.ts';
import { DEFAULT_LIMITS, type FileEntry, readManifest, walk } from '../../sources/index.ts';

export interface FolderContent {
  /** In the order of the files, then of their documents. */
  readonly resources: readonly Resource[];
  readonly problems: readonly Problem[];
}

interface ReadFile {
  readonly entry: FileEntry;
  /** Of the file when it was read. */
  readonly signature: string;
  readonly resources: readonly Resource[];
  readonly problems: readonly Problem[];
}

export function createFolderReader(
  paths: readonly string[],
  { cwd, exclude = [] }: { readonly cwd: string; readonly exclude?: readonly string[] },
): { read(noticed: ReadonlySet<string>): FolderContent } {
  let known = new Map<string, ReadFile>();

  /** @param noticed Paths that changed, even where their files look the same. */
  function read(noticed: ReadonlySet<string>): FolderContent {
    const changed = new Set([...noticed].map((path) => resolve(cwd, path)));
    const walked = walk(paths, { cwd, exclude });
    const next = new Map<string, ReadFile>();
    for (const entry of walked.files) {
      const path = resolve(cwd, entry.path);
      next.set(path, readAgain(entry, known.get(path), changed.has(path)));
    }
    // Below a folder that cannot be read nobody knows which files are gone.
    if (walked.problems.length > 0)
      for (const [path, file] of known)
        if (!next.has(path) && !isGone(path, paths, cwd)) next.set(path, file);
    known = next;
    const files = [...next.values()];
    return {
      resources: files.flatMap(({ resources }) => resources),
      problems: [...walked.problems, ...files.flatMap(({ problems }) => problems)],
    };
  }

  return { read };
}

function readAgain(entry: FileEntry, known: ReadFile | undefined, changed: boolean): ReadFile {
  const kept = known?.resources ?? [];
  const broken = (signature: string, reason: 'unreadable-file' | 'too-large', detail: string): ReadFile => ({
    entry,
    signature,
    resources: kept,
    problems: [{ reason, detail, origin: { file: entry.file, line: 1, column: 1 } }],
  });
  let signature = '';
  let bytes: Buffer;
  try {
    const { size, mtimeMs, ctimeMs, ino } = statSync(entry.path);
    signature = `${size} ${mtimeMs} ${ctimeMs} ${ino}`;
    if (known?.signature === signature && !changed) return known;
    if (size > DEFAULT_LIMITS.fileBytes)
      return broken(
        signature,
        'too-large',
        `${size} bytes, more than the limit of ${DEFAULT_LIMITS.fileBytes}`,
      );
    bytes = readFileSync(entry.path);
  } catch (error) {
    return broken(signature, 'unreadable-file', `cannot be read: ${(error as Error).message}`);
  }
  const manifest = readManifest(bytes, { file: entry.file, named: entry.named });
  const { problems } = manifest;
  // What could not be read of it may be what was there before.
  const resources = problems.length > 0 && known !== undefined ? kept : manifest.resources;
  return { entry, signature, resources, problems };
}

/** Whether a file is gone for sure: its folder is there, and it is not. */
function isGone(path: string, paths: readonly string[], cwd: string): boolean {
  const root = paths.map((given) => resolve(cwd, given)).find((given) => path.startsWith(given));
  return root !== undefined && exists(root) === true && exists(path) === false;
}

/** Undefined where that cannot be told. */
function exists(path: string): boolean | undefined {
  try {
    statSync(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? false : undefined;
  }
}
