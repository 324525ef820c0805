/** Whether a URL stands for this repository, and where a path of it lies. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isWithin, realOf, StageError } from '../stage.ts';
import { type Deployment, refuse, refuseSource, type Surroundings } from './deployment.ts';

/** `host/owner/name`, in lower case, however a clone of it is asked for. */
export function canonicalUrl(url: string): string {
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/)(.+)$/.exec(url.trim());
  const plain = scp === null ? url.trim().replace(/^[a-z+]+:\/\//i, '') : `${scp[1]}/${scp[2]}`;
  return plain
    .replace(/^[^@/]+@/, '')
    .replace(/^([^/:]+):\d+/, '$1')
    .replace(/\/+$/, '')
    .replace(/\.git$/i, '')
    .toLowerCase();
}

/** Throws NotDeployable unless the URL is that of this repository. */
export function requireHere(
  deployment: Deployment,
  pointer: string,
  url: string | undefined,
  { urls }: Surroundings,
): void {
  if (!deployment.here) refuseSource(deployment, pointer, 'it is not of the working tree');
  if (url === undefined) refuse(deployment, pointer, 'it names no repository');
  else if (!urls.has(canonicalUrl(url))) refuseSource(deployment, pointer, `${url} is not this repository`);
}

/** A folder of the repository, without links. Throws NotDeployable. */
export function folderAt(
  deployment: Deployment,
  pointer: string,
  path: string,
  { root }: Surroundings,
): string {
  const folder = join(root, path);
  if (!isWithin(folder, root)) refuse(deployment, pointer, `${path} leads out of the repository`);
  if (!existsSync(folder)) refuse(deployment, pointer, `there is no ${path} in the repository`);
  try {
    const real = realOf(folder);
    return isWithin(real, root)
      ? real
      : refuse(deployment, pointer, `${path} is a link out of the repository`);
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    return refuse(deployment, pointer, `${path}: ${error.message}`);
  }
}

/** Throws NotDeployable unless the scan itself reads the manifests of a folder. */
export function requireScanned(
  deployment: Deployment,
  pointer: string,
  folder: string,
  { isScanned, shown }: Surroundings,
): void {
  if (isScanned(folder)) return;
  refuse(deployment, pointer, `${shown(folder)} is not among what is scanned`, {
    help: `give it as a PATH: rampart scan ${shown(folder)}`,
  });
}
