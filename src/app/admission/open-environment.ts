/** The environment that flags name: a cluster, folders, or nothing that is known. */
import { SETTINGS } from '../../policy/index.ts';
import { connect, createDiscovery } from '../../sources/index.ts';
import { createFolderLive } from '../environment/folder-live.ts';
import { UsageError } from '../usage.ts';
import { type AdmissionEnvironment, clusterEnvironment, folderEnvironment } from './environment.ts';

/** Files say nothing of the version of a cluster. */
export const LATEST = SETTINGS['kubernetes.version'].last;

export interface EnvironmentFlags {
  /** Undefined: none; empty: the current context. */
  readonly cluster: string | undefined;
  readonly folders: readonly string[];
  readonly cwd: string;
}

/** What cannot be reached or read is a UsageError. */
export async function openEnvironment({
  cluster,
  folders,
  cwd,
}: EnvironmentFlags): Promise<AdmissionEnvironment> {
  if (cluster === undefined)
    return folderEnvironment(await createFolderLive(folders, { cwd, discovery: createDiscovery(LATEST) }));
  if (folders.length > 0) throw new UsageError('--cluster and --objects exclude each other');
  try {
    return await clusterEnvironment(await connect(cluster));
  } catch (error) {
    throw new UsageError(`--cluster: ${error instanceof Error ? error.message : error}`);
  }
}
