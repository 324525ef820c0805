import { git } from './git.ts';

/** A file of a commit. */
export interface TreeFile {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'link' | 'submodule';
}

/**
 * Files of a commit at or below paths; all of it without any.
 *
 * @param root The repository's root.
 * @param commit An object id: a name could be taken for a flag.
 * @param paths From the root, with `/`.
 */
export function listTree(root: string, commit: string, paths: readonly string[] = []): TreeFile[] {
  const listed = git(root, ['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...paths]);
  return records(listed).map((record): TreeFile => {
    const tab = record.indexOf('\t');
    const mode = record.slice(0, record.indexOf(' '));
    const kind = mode === '120000' ? 'link' : mode === '160000' ? 'submodule' : 'file';
    return { path: record.slice(tab + 1), kind };
  });
}

/** Contents of files of a commit; undefined for what is no file there. In the order asked. */
export function readBlobs(root: string, commit: string, paths: readonly string[]): (Buffer | undefined)[] {
  // The protocol of cat-file takes a line for each: a name with a line end cannot be asked for.
  const asked = paths.filter((path) => !path.includes('\n'));
  if (asked.length === 0) return paths.map(() => undefined);
  const answer = git(root, ['cat-file', '--batch'], {
    input: asked.map((path) => `${commit}:${path}\n`).join(''),
  });
  const found = new Map<string, Buffer | undefined>();
  let at = 0;
  for (const path of asked) {
    const end = answer.indexOf(0x0a, at);
    const header = /^[0-9a-f]+ (\w+) (\d+)$/.exec(answer.toString('utf8', at, end));
    at = end + 1;
    if (header === null) continue; // "… missing"
    const size = Number(header[2]);
    if (header[1] === 'blob') found.set(path, answer.subarray(at, at + size));
    at += size + 1;
  }
  return paths.map((path) => found.get(path));
}

/** What git separates by NUL. */
export function records(bytes: Buffer): string[] {
  return bytes.toString().split('\0').slice(0, -1);
}
