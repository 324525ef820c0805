/** The git program beside other work, within limits of time, output and disk. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { firstLine, GIT_ENVIRONMENT, GIT_SETTINGS, GitError } from './git.ts';

/** It took more than it may have; nothing is wrong with git, or with what it was asked. */
export class GitLimitError extends GitError {
  readonly limit: 'time' | 'bytes';
  constructor(limit: 'time' | 'bytes', message: string) {
    super(message);
    this.limit = limit;
  }
}

export interface RunOptions {
  readonly timeoutMs: number;
  /** Protocols by which it may fetch, with colons between; otherwise it fetches nothing. */
  readonly allow?: string;
  /** Of what it prints. */
  readonly maxBytes?: number;
  /** What files of a folder may grow by while it runs. */
  readonly growth?: { readonly folder: string; readonly bytes: number };
  readonly env?: Readonly<Record<string, string>>;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Variables of a hook or script around us that would lead git to another repository. */
const FOREIGN = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_COMMON_DIR',
];
const MOST_PRINTED = 1 << 20;
const WATCH_MS = 100;

/** What git prints. @throws GitError when its exit code is not 0, GitLimitError when a limit ended it. */
export async function runGit(folder: string, args: readonly string[], options: RunOptions): Promise<Buffer> {
  const { code, stdout, stderr } = await tryGit(folder, args, options);
  if (code !== 0) throw new GitError(firstLine(stderr) || `git ${args[0]} ended with ${code}`);
  return stdout;
}

/** The same for commands that answer by their exit code. */
export async function tryGit(folder: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  const { timeoutMs, allow = 'none', maxBytes = MOST_PRINTED, growth, env, signal } = options;
  signal?.throwIfAborted();
  const around = Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name));
  // Only few runs need it, and loading it takes time.
  const { spawn } = process.getBuiltinModule('node:child_process');
  // Its own process group: git has helpers, and none may outlive a limit. Nor is there a terminal to ask at.
  const child = spawn('git', [...GIT_SETTINGS, ...args], {
    cwd: folder,
    env: { ...Object.fromEntries(around), ...GIT_ENVIRONMENT, GIT_ALLOW_PROTOCOL: allow, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    windowsHide: true,
  });
  let ended: Error | undefined;
  const end = (error: Error) => {
    ended ??= error;
    killGroup(child.pid);
  };
  const before = growth === undefined ? 0 : bytesIn(growth.folder);
  const timers = [
    setTimeout(() => end(new GitLimitError('time', `it took more than ${timeoutMs / 1000} s`)), timeoutMs),
  ];
  if (growth !== undefined)
    timers.push(
      setInterval(() => {
        if (bytesIn(growth.folder) - before > growth.bytes)
          end(new GitLimitError('bytes', `it is larger than ${megabytes(growth.bytes)}`));
      }, WATCH_MS),
    );
  const abort = () => end(new GitError('it was stopped'));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const [code, stdout, stderr] = await Promise.all([
      new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done)),
      collected(child.stdout, maxBytes, () =>
        end(new GitLimitError('bytes', `git ${args[0]} prints more than ${megabytes(maxBytes)}`)),
      ),
      collected(child.stderr, MOST_PRINTED, () => undefined),
    ]);
    if (ended !== undefined) throw ended;
    // A fetch may end before anybody looked.
    if (growth !== undefined && bytesIn(growth.folder) - before > growth.bytes)
      throw new GitLimitError('bytes', `it is larger than ${megabytes(growth.bytes)}`);
    return { code, stdout, stderr };
  } catch (error) {
    if (ended !== undefined) throw ended;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new GitError('there is no git on the path');
    throw error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/** What is beyond the bound is dropped. */
async function collected(stream: NodeJS.ReadableStream, most: number, tooMuch: () => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += (chunk as Buffer).length;
    if (size > most) tooMuch();
    else chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function bytesIn(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
      (sum, entry) => sum + (entry.isFile() ? sizeOf(join(entry.parentPath, entry.name)) : 0),
      0,
    );
  } catch {
    return 0;
  }
}

/** Files of a fetch come and go. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / (1 << 20))} MiB`;
}
