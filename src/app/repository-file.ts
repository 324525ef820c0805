import { posix, relative, sep } from 'node:path';
import { findRepository } from '../sources/index.ts';

/** The working directory as its repository sees it: `''` at the root and outside of any. */
export function folderInRepository(cwd: string): string {
  const root = findRepository(cwd)?.root;
  return root === undefined ? '' : relative(root, cwd).split(sep).join('/');
}

/** A file by its name from the repository's root, as it does not hang on where Rampart is started. */
export function fileInRepository(folder: string, file: string): string {
  const elsewhere = /^(?:\/|<|\w+:\/\/)/.test(file);
  return folder === '' || elsewhere ? file : posix.join(folder, file);
}
