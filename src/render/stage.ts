/** Copies of files for a program to read: of regular files below one folder, links followed only as far as that. */
import { copyFileSync, lstatSync, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** What cannot be copied, said of one file or link. */
export class StageError extends Error {
  /** Its path. */
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

export interface Stage {
  /** Copies a file or a folder with all it holds. Throws StageError. */
  copy(from: string, to: string): void;
}

const LIMITS = { files: 20_000, bytes: 256 * 2 ** 20, depth: 50 };

/** `boundary`: a real path that links may not lead out of. */
export function openStage(boundary: string): Stage {
  let files = 0;
  let bytes = 0;

  function copy(from: string, to: string, depth: number): void {
    const real = realOf(from);
    if (!isWithin(real, boundary)) throw new StageError(from, leadsOut(from));
    const stat = statSync(real);
    if (stat.isDirectory()) copyFolder(from, real, to, depth);
    else if (!stat.isFile()) throw new StageError(from, 'is neither a file nor a folder');
    else copyFile(from, real, to, stat.size);
  }

  function copyFolder(from: string, real: string, to: string, depth: number): void {
    if (depth > LIMITS.depth) throw new StageError(from, 'its folders or links go round in a circle');
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(real))
      if (name !== '.git') copy(join(from, name), join(to, name), depth + 1);
  }

  function copyFile(from: string, real: string, to: string, size: number): void {
    files++;
    bytes += size;
    if (files > LIMITS.files) throw new StageError(from, `there are more than ${LIMITS.files} files`);
    if (bytes > LIMITS.bytes)
      throw new StageError(from, `the files are larger than ${LIMITS.bytes / 2 ** 20} MiB together`);
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(real, to);
  }

  return {
    copy(from, to) {
      try {
        copy(from, to, 0);
      } catch (error) {
        if (error instanceof StageError) throw error;
        throw new StageError(from, `cannot be copied: ${(error as NodeJS.ErrnoException).code}`);
      }
    },
  };
}

/** Where a path leads, links followed. Throws StageError. */
export function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StageError(path, code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${code}`);
  }
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function leadsOut(path: string): string {
  const link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? 'the link leads' : 'leads';
  return `${link} out of the repository, or of the PATH where there is none`;
}
