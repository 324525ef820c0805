/** The folder of --data: what Rampart keeps between runs, and where each thing is. Nobody but its user may look into it. */
import { chmodSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { chmod, open, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from './usage.ts';

export const DATA_NAME = '.rampart';

/** Paths, all absolute. */
export interface DataFolder {
  readonly path: string;
  /** The key that snapshots are signed with, and the one that tells whether they are. */
  readonly signingKey: string;
  readonly signingPub: string;
  /** The highest epoch that was in force. */
  readonly epoch: string;
  /** The signed note of the snapshot in force. */
  readonly note: string;
  /** Contents of snapshots. */
  readonly snapshots: string;
  /** @param digest `sha256:…`. */
  readonly snapshot: (digest: string) => string;
  readonly caCert: string;
  readonly caKey: string;
  readonly tlsCert: string;
  readonly tlsKey: string;
  /** Of an admission worker: who it is to its controller. */
  readonly clientCert: string;
  readonly clientKey: string;
  /** What a worker could not tell its controller yet. */
  readonly spool: string;
  /** Until when workers are known to have been there. */
  readonly covered: string;
  /** URL of the controller that runs on this folder. */
  readonly controller: string;
  /** A review to try the webhook with. */
  readonly review: string;
  /** Process id of the worker that the folder belongs to now. */
  readonly pid: string;
  /** The data folder of an admission worker that a controller starts. */
  readonly worker: (name: string) => string;
}

/** Where everything is; nothing is made or looked at. */
export function dataFolder(path: string): DataFolder {
  const at = (...names: string[]) => join(resolve(path), ...names);
  return {
    path: at(),
    signingKey: at('signing.key'),
    signingPub: at('signing.pub'),
    epoch: at('epoch'),
    note: at('snapshot.note'),
    snapshots: at('snapshots'),
    snapshot: (digest) => at('snapshots', `${digest.slice(digest.indexOf(':') + 1)}.json`),
    caCert: at('ca.crt'),
    caKey: at('ca.key'),
    tlsCert: at('tls.crt'),
    tlsKey: at('tls.key'),
    clientCert: at('client.crt'),
    clientKey: at('client.key'),
    spool: at('spool.json'),
    covered: at('covered'),
    controller: at('controller.url'),
    review: at('review.json'),
    pid: at('pid'),
    worker: (name) => at('workers', name),
  };
}

const PRIVATE = 0o700;
const OTHERS = 0o077;
const EVERYBODY_WRITES = 0o002;

/** Makes the folder, or makes sure that it is private. What it cannot make so is a UsageError. */
export function openDataFolder(path: string): DataFolder {
  const folder = dataFolder(path);
  try {
    mkdirSync(folder.path, { recursive: true, mode: PRIVATE });
    const stat = statSync(folder.path);
    if (!stat.isDirectory()) throw new UsageError(`--data: ${path} is no folder`);
    keepOthersOut(folder.path, stat);
    mkdirSync(folder.snapshots, { recursive: true, mode: PRIVATE });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--data: cannot use ${path}: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
  return folder;
}

/** On Windows modes say nothing. A volume that an orchestrator mounts is often another user's, and its group is ours. */
function keepOthersOut(path: string, { mode, uid }: Stats): void {
  const own = process.getuid?.();
  if (own === undefined) return;
  if (uid === own) {
    if ((mode & OTHERS) !== 0) chmodSync(path, PRIVATE);
  } else if ((mode & EVERYBODY_WRITES) !== 0)
    throw new UsageError(`--data: everybody may write to ${path}`, 'name a folder in it, which is then made');
}

let written = 0;

/**
 * Writes a file as a whole: after a crash there is the old one or the new one. When it returns, the new one is on the
 * disk. Only its owner may read it.
 */
export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.${++written}${TEMPORARY}`;
  try {
    await syncing(temporary, 'wx', async (file) => {
      await file.writeFile(content);
      await chmod(temporary, 0o600);
    });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (process.platform !== 'win32') await syncing(dirname(path), 'r', async () => {});
}

/** What names of files end with that nobody finished. */
export const TEMPORARY = '.tmp';

type OpenFile = Awaited<ReturnType<typeof open>>;

async function syncing(
  path: string,
  flags: 'r' | 'wx',
  act: (file: OpenFile) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await act(file);
    await file.sync();
  } finally {
    await file.close();
  }
}
