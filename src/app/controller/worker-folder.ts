/** Data folders of workers on this machine: who each is, whom it believes, whether it is there. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { endOwner, ownerOf } from '../admission/succession.ts';
import { type DataFolder, dataFolder, openDataFolder, writeDurably } from '../data-folder.ts';
import { issueClientIdentity, type Pki } from '../pki/pki.ts';
import { BACKGROUND } from './names.ts';

/** Keys are written before their certificates: who sees the new certificate finds its key. */
export async function writeWorkerFolder(
  data: DataFolder,
  path: string,
  id: string,
  { bundle, server }: Pki,
  now: Date,
): Promise<void> {
  const folder = openDataFolder(path);
  const { cert, key } = await issueClientIdentity(data, { id, now });
  await writeDurably(folder.caCert, bundle);
  await writeDurably(folder.signingPub, await readFile(data.signingPub));
  await writeDurably(folder.tlsKey, server.key);
  await writeDurably(folder.tlsCert, server.cert);
  await writeDurably(folder.clientKey, key);
  await writeDurably(folder.clientCert, cert);
}

/** Whether admission workers of an earlier controller go on: they end when their successors are there. */
export function hasWorkers(data: DataFolder): boolean {
  return workerFolders(data).some(([, folder]) => ownerOf(folder) !== undefined);
}

/** Of an earlier controller that had more, those that nobody succeeds would go on by what was in force then. */
export async function endOtherWorkers(
  data: DataFolder,
  names: readonly string[],
): Promise<readonly string[]> {
  const others = workerFolders(data).filter(
    ([name, folder]) => !names.includes(name) && ownerOf(folder) !== undefined,
  );
  await Promise.all(others.map(([, folder]) => endOwner(folder)));
  return others.map(([name]) => name);
}

function workerFolders(data: DataFolder): (readonly [string, DataFolder])[] {
  let names: string[];
  try {
    names = readdirSync(data.worker(''));
  } catch {
    return [];
  }
  return names
    .filter((name) => name !== BACKGROUND)
    .map((name) => [name, dataFolder(data.worker(name))] as const);
}
