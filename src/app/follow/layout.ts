/** Where a follower keeps what: one folder for each ref it follows. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

export interface FollowLayout {
  readonly folder: string;
  readonly state: string;
  /** A repository without working tree. */
  readonly repository: string;
  /** A folder for each commit that is in use. */
  readonly checkouts: string;
  /** What lasts as long as one check. */
  readonly scratch: string;
}

/** `repository` without password. */
export function followLayout(
  dataFolder: string,
  followed: { readonly repository: string; readonly ref: string; readonly path: string },
): FollowLayout {
  const key = JSON.stringify([followed.repository, followed.ref, followed.path]);
  const folder = join(dataFolder, 'follow', createHash('sha256').update(key).digest('hex').slice(0, 16));
  return {
    folder,
    state: join(folder, 'state.json'),
    repository: join(folder, 'repository.git'),
    checkouts: join(folder, 'checkouts'),
    scratch: join(folder, 'scratch'),
  };
}
