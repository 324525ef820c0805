/**
 * Whose a worker's folder is. A worker outlives its controller, and a new controller starts a new worker: the old one ends
 * when the new one is there, so that nobody goes on answering by a snapshot that no longer changes.
 */
import { readFileSync } from 'node:fs';
import { type DataFolder, writeDurably } from '../data-folder.ts';

export interface Succession {
  /** Resolves when the folder is another process's. */
  readonly succeeded: Promise<void>;
  stop(): void;
}

const LOOK_MS = 1_000;

export async function takeFolder({ pid }: DataFolder, lookMs = LOOK_MS): Promise<Succession> {
  const own = String(process.pid);
  await writeDurably(pid, own);
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    // A file that cannot be read says of nobody that it is theirs.
    if ((readOwner(pid) ?? own) !== own) resolve();
  }, lookMs).unref();
  return { succeeded: promise, stop: () => clearInterval(timer) };
}

/** Id of the process that took the folder, if it is still there. */
export function ownerOf({ pid }: DataFolder): number | undefined {
  const owner = Number(readOwner(pid) ?? 0);
  if (!Number.isSafeInteger(owner) || owner <= 0) return undefined;
  try {
    process.kill(owner, 0);
    return owner;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? owner : undefined;
  }
}

/** Takes a folder for nobody: whose it was ends. */
export async function endOwner({ pid }: DataFolder): Promise<void> {
  await writeDurably(pid, 'nobody');
}

function readOwner(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
