/** The data folder of a worker on this machine: who it is, whom it believes. */
import { readFile } from 'node:fs/promises';
import { type DataFolder, openDataFolder, writeDurably } from '../data-folder.ts';
import { issueClientIdentity, type Pki } from '../pki/pki.ts';

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
