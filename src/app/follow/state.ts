/** What a follower knows: shown to people, and kept over restarts. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  enum as enumOf,
  type infer as Infer,
  literal,
  optional,
  regex,
  strictObject,
  string,
} from 'zod/mini';
import { UsageError } from '../usage.ts';

export const REFUSALS = [
  /** The ref moved to a commit that is not known to descend from the accepted one. */
  'not-fast-forward',
  'unsigned',
  /** By somebody who may not sign, or the signature is not of its content. */
  'wrongly-signed',
  /** The commit holds no file at the path. */
  'nothing-there',
  'too-large',
  /** Files that would be left out: links that lead out, submodules, pointers of Git LFS. */
  'unreadable',
  /** The receiver said no: a policy does not compile, or its tests fail. */
  'rejected',
  /** The receiver did not answer in time. */
  'timeout',
] as const;
export type RefusalReason = (typeof REFUSALS)[number];

const COMMIT = string().check(regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/));
/** ISO 8601 in UTC. */
const TIME = string();

const STATE = strictObject({
  format: literal(1),
  /** Without user and password. */
  repository: string(),
  ref: string(),
  path: string(),
  /** Where the ref was when it was last looked at. */
  commit: optional(COMMIT),
  /** What is in force, and what the ref has to descend from. */
  accepted: optional(strictObject({ commit: COMMIT, at: TIME, signedBy: optional(string()) })),
  /** Not looked at again until the ref moves, or what it was judged by changes. */
  refused: optional(
    strictObject({
      commit: COMMIT,
      reason: enumOf(REFUSALS),
      /** In a sentence. */
      detail: string(),
      at: TIME,
      judgedBy: string(),
    }),
  ),
  /** What a person accepted last although it does not descend: once, and not when the ref comes back to it. */
  pardoned: optional(strictObject({ commit: COMMIT, at: TIME, insteadOf: optional(COMMIT) })),
  lastPoll: optional(TIME),
  /** Why it is not known where the ref is, or why what is known could not be acted on. */
  problem: optional(string()),
});

export type FollowState = Readonly<Infer<typeof STATE>>;
export type Refusal = NonNullable<FollowState['refused']>;

/**
 * Undefined where nothing was followed yet. Throws UsageError for a file that cannot be understood: to begin anew by
 * itself would be to forget what the ref has to descend from.
 */
export function readFollowState(path: string): FollowState | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UsageError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
  const read = STATE.safeParse(parsed(text));
  if (read.success) return read.data;
  throw new UsageError(
    `${path} is not what a follower writes`,
    'see which commit the ref should be at, then delete the file: the next commit is taken as the first',
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** After a crash the file is the old one or the new one. */
export function writeFollowState(path: string, state: FollowState): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.new`;
  const file = openSync(beside, 'w', 0o600);
  try {
    writeFileSync(file, `${JSON.stringify(state, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
}
