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
    if ((ownerOf(pid) ?? own) !== own) resolve();
  }, lookMs).unref();
  return { succeeded: promise, stop: () => clearInterval(timer) };
}

function ownerOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
