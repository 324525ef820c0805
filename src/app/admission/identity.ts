/** Who a worker is: files in its data folder, which somebody else renews. */
import { readFileSync, statSync } from 'node:fs';
import type { Certificate } from '../../server/index.ts';
import type { DataFolder } from '../data-folder.ts';
import { UsageError } from '../usage.ts';
import type { Identity } from './controller-client.ts';

export interface WorkerIdentity {
  /** For the API server. */
  readonly server: Certificate;
  /** For the controller. */
  readonly client: Identity;
}

/** What lacks a file is a UsageError. */
export function readIdentity(data: DataFolder): WorkerIdentity {
  return {
    server: { cert: read(data.tlsCert), key: read(data.tlsKey) },
    client: { cert: read(data.clientCert), key: read(data.clientKey), ca: read(data.caCert) },
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(
      `--data: cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? error}`,
      'rampart serve writes the data folders of its own workers',
    );
  }
}

const LOOK_MS = 10_000;

/** Tells of files that changed, once they can be used. @returns Ends it. */
export function followIdentity(data: DataFolder, onChange: (identity: WorkerIdentity) => void): () => void {
  let seen = stampOf(data);
  const timer = setInterval(() => {
    const stamp = stampOf(data);
    if (stamp === seen) return;
    try {
      onChange(readIdentity(data));
      seen = stamp;
    } catch {
      // A certificate without its key: both will be there at the next look.
    }
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
}

/** Mounted files change with their folder: it is contents' times that count, links followed. */
function stampOf({ tlsCert, tlsKey, clientCert, clientKey, caCert }: DataFolder): string {
  return [tlsCert, tlsKey, clientCert, clientKey, caCert]
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return `${stat?.ino}:${stat?.mtimeMs}`;
    })
    .join();
}
