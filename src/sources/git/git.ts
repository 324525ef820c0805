/** The git program. What a working tree or a commit holds (attributes, links, names) is anybody's. */

/** Git said no; `message` is its own first line. */
export class GitError extends Error {}

/** Nothing configured runs, asks or fetches: no hooks, monitors, external diffs, prompts or promised objects. */
export const GIT_SETTINGS = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.quotePath', 'false'],
  ['submodule.recurse', 'false'],
].flatMap(([name, value]) => ['-c', `${name}=${value}`]);

export const GIT_ENVIRONMENT = {
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_LITERAL_PATHSPECS: '1',
  LC_ALL: 'C',
};

const MOST_BYTES = 1 << 30;
const PATIENCE_MS = 120_000;

/**
 * What git prints.
 *
 * @param folder Somewhere in the working tree.
 * @param input What it reads.
 * @param allow Protocols by which it may fetch, with colons between; otherwise it fetches nothing.
 * @throws GitError when there is no git, or its exit code is not 0.
 */
export function git(folder: string, args: readonly string[], { input = '', allow = 'none' } = {}): Buffer {
  // Only few runs need it, and loading it takes time.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { status, stdout, stderr, error } = spawnSync('git', [...GIT_SETTINGS, ...args], {
    cwd: folder,
    input,
    env: { ...process.env, ...GIT_ENVIRONMENT, GIT_ALLOW_PROTOCOL: allow },
    maxBuffer: MOST_BYTES,
    timeout: PATIENCE_MS,
    windowsHide: true,
  });
  if (error !== undefined)
    throw new GitError(
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no git on the path' : error.message,
    );
  if (status !== 0) throw new GitError(firstLine(stderr) || `git ${args[0]} ended with ${status}`);
  return stdout;
}

/** What git complains of first. */
export function firstLine(bytes: Buffer): string {
  return (
    bytes
      .toString()
      .split('\n')
      .find((line) => line.trim() !== '') ?? ''
  ).replace(/^(fatal|error): /, '');
}

/** Git's one-line answer; undefined where git says no. */
export function ask(folder: string, ...args: string[]): string | undefined {
  try {
    return git(folder, args).toString().trim();
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}
