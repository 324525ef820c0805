/** Where rampart.yaml is. Light: asked before anything of a configuration is loaded. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { foldersAbove } from './folders-above.ts';
import { UsageError } from './usage.ts';

export const CONFIG_NAME = 'rampart.yaml';

export interface ConfigLocation {
  /** To read; absolute. */
  readonly path: string;
  /** Where it lies, or lies too, among what may be scanned; absolute. */
  readonly here: string;
  /** What relative paths in it are relative to. */
  readonly folder: string;
  /** As results name files: relative to the working directory where it lies below. */
  readonly shown: string;
}

/**
 * The file that is named, else the nearest one from the working directory up to the root of its repository; outside any
 * repository only the working directory's own, since folders above may be anybody's.
 */
export function findConfig(cwd: string, named: string | undefined): ConfigLocation | undefined {
  if (named !== undefined) {
    const path = resolve(cwd, named);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
      throw new UsageError(`--config: there is no file ${named}`);
    return locationOf(path, cwd);
  }
  for (const path of configPlaces(cwd)) {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return locationOf(path, cwd);
    const misnamed = join(dirname(path), 'rampart.yml');
    if (existsSync(misnamed))
      throw new UsageError(`${locationOf(misnamed, cwd).shown} is not read`, `its name is ${CONFIG_NAME}`);
  }
  return undefined;
}

/** Where it may lie, the nearest first. */
export function configPlaces(cwd: string): string[] {
  return foldersAbove(cwd).map((folder) => join(folder, CONFIG_NAME));
}

function locationOf(path: string, cwd: string): ConfigLocation {
  const within = relative(cwd, path);
  const outside = within.startsWith('..');
  return { path, here: path, folder: dirname(path), shown: (outside ? path : within).split(sep).join('/') };
}
