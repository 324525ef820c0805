/** The environment that flags name: a cluster, or folders. */
import { connect, createDiscovery } from '../../sources/index.ts';
import { type EnvironmentFlags, LATEST } from '../admission/open-environment.ts';
import { createFolderLive } from '../environment/folder-live.ts';
import { UsageError } from '../usage.ts';
import { type BackgroundEnvironment, clusterBackground, folderBackground } from './environment.ts';

/** What cannot be reached or read is a UsageError. */
export async function openBackground({
  cluster,
  folders,
  cwd,
}: EnvironmentFlags): Promise<BackgroundEnvironment> {
  if (cluster === undefined)
    return folderBackground(await createFolderLive(folders, { cwd, discovery: createDiscovery(LATEST) }));
  if (folders.length > 0) throw new UsageError('--cluster and --objects exclude each other');
  try {
    return await clusterBackground(await connect(cluster));
  } catch (error) {
    throw new UsageError(`--cluster: ${error instanceof Error ? error.message : error}`);
  }
}
