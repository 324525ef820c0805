/** The environment that flags name: a cluster, folders, or nothing that is known. */
import { SETTINGS } from '../../policy/index.ts';
import { type Cluster, connect, createDiscovery } from '../../sources/index.ts';
import { UsageError } from '../usage.ts';
import { createFolderLive, type FolderLive } from './folder-live.ts';

/** Files say nothing of the version of a cluster. */
const LATEST = SETTINGS['kubernetes.version'].last;

export interface EnvironmentFlags {
  /** Undefined: none; empty: the current context. */
  readonly cluster: string | undefined;
  readonly folders: readonly string[];
  readonly cwd: string;
}

/** What is made of either. */
export interface EnvironmentMaker<E> {
  ofCluster(cluster: Cluster): Promise<E>;
  ofFolders(live: FolderLive): E;
}

/** What cannot be reached or read is a UsageError. */
export async function openEnvironment<E>(
  { cluster, folders, cwd }: EnvironmentFlags,
  { ofCluster, ofFolders }: EnvironmentMaker<E>,
): Promise<E> {
  if (cluster === undefined)
    return ofFolders(await createFolderLive(folders, { cwd, discovery: createDiscovery(LATEST) }));
  if (folders.length > 0) throw new UsageError('--cluster and --objects exclude each other');
  try {
    return await ofCluster(await connect(cluster));
  } catch (error) {
    throw new UsageError(`--cluster: ${error instanceof Error ? error.message : error}`);
  }
}
