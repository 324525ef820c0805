import { dirname, resolve } from 'node:path';
import { findRepository } from '../sources/git/repository.ts';

/** The working directory and the folders above it, up to the root of its repository; outside of any only itself. */
export function foldersAbove(cwd: string): string[] {
  const top = findRepository(cwd)?.root ?? resolve(cwd);
  const folders: string[] = [];
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    folders.push(folder);
    if (folder === top || folder === dirname(folder)) return folders;
  }
}
