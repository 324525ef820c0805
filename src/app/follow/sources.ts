/** Follows what a snapshot is made of on this machine: the configuration, and folders and files of policies. */
import { resolve } from 'node:path';
import { isGitAddress } from '../../sources/index.ts';
import type { SnapshotOptions } from '../snapshot/build.ts';
import { followFolder } from './folder.ts';

export interface FollowSourcesOptions {
  readonly changed: () => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** @param config Path of rampart.yaml; undefined: there is none. @returns Ends it. */
export async function followSources(
  { policies, cwd }: Pick<SnapshotOptions, 'policies' | 'cwd'>,
  config: string | undefined,
  { changed, now }: FollowSourcesOptions,
): Promise<() => Promise<void>> {
  const local = policies.filter((source) => source !== 'builtin' && !isGitAddress(source));
  const paths = [...local.map((source) => resolve(cwd, source)), ...(config === undefined ? [] : [config])];
  const followers = paths.map((path) => followFolder(path, changed, { now }));
  await Promise.all(followers.map(({ ready }) => ready));
  return async () => {
    await Promise.all(followers.map((follower) => follower.close()));
  };
}
