/**
 * Follows all that a snapshot is made of: the configuration, the lock, and the policies that it names. Where it names others than
 * before, those are followed from then on.
 */
import type { Answer } from './answer.ts';
import { followFolder } from './folder.ts';
import { followPolicies, type PolicyFollowers, type Rebuild, type SourceState } from './policies.ts';
import type { FollowState } from './state.ts';

export type FollowedSources = Pick<Parameters<typeof followPolicies>[0], 'policies' | 'follow'>;

export interface FollowSourcesOptions {
  /** What the configuration names now. Rejects with a UsageError for a mistake in it. */
  readonly sources: () => Promise<FollowedSources>;
  /** Path of rampart.yaml; undefined: there is none. */
  readonly config: string | undefined;
  /** Paths where a rampart.lock counts, if there is one. */
  readonly locks?: readonly string[];
  readonly cwd: string;
  /** Of the data folder: where commits are kept. */
  readonly dataFolder: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The id of a commit that a person accepts although its ref did not move to it from what is in force. */
  readonly accept?: string | undefined;
  readonly rebuild: Rebuild;
  /** Why refs are not followed to where they are now, but for what was said when a snapshot was asked for. */
  readonly onRefused?: (reasons: readonly string[]) => void;
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

export interface SourceFollower {
  state(): readonly SourceState[];
  /** Looks at every ref: a push came in. */
  poll(): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds: one file is written sooner than a folder. */
const CONFIG_SETTLE_MS = 100;

/** Resolves when every source was looked at once, and a snapshot was asked for if all of them are there. */
export async function followSources(options: FollowSourcesOptions): Promise<SourceFollower> {
  const { sources, config, locks = [], cwd, dataFolder, now, accept, rebuild, log } = options;
  let named = await sources();
  const pardons = new Set<string>();
  let followers = begin(named);

  function begin(of: FollowedSources): PolicyFollowers {
    const more = accept === undefined ? {} : { accept };
    const begun = followPolicies({ ...of, cwd, dataFolder, now, onState: tell, ...more }, rebuild);
    // Of earlier runs.
    for (const { pardoned } of refsOf(begun)) if (pardoned !== undefined) pardons.add(pardoned.at);
    return begun;
  }

  /** What keeps a source from being followed, once for each cause. */
  let told = '';
  function tell(): void {
    const problems = followers
      .state()
      .flatMap((state) => (state.problem === undefined ? [] : [state.problem]));
    const text = problems.join('; ');
    if (text !== told && text !== '') log('policies cannot be looked at', { detail: text });
    told = text;
    tellRefs(refsOf(followers));
  }

  /** What a ref is at, if that is refused; what a person accepted. Each once. */
  let refusals = '[]';
  function tellRefs(refs: readonly FollowState[]): void {
    for (const { ref, pardoned } of refs) {
      if (pardoned === undefined || pardons.has(pardoned.at)) continue;
      pardons.add(pardoned.at);
      log('commit accepted by a person', { ref, ...pardoned });
    }
    const refused = refs.flatMap(refusalOf);
    const text = JSON.stringify(refused);
    if (text === refusals) return;
    refusals = text;
    options.onRefused?.(refused.map(({ detail }) => detail));
    for (const { commit, reason, detail } of refused) log('commit refused', { commit, reason, detail });
  }

  async function configChanged(): Promise<Answer> {
    const now = await sources();
    if (JSON.stringify(now) !== JSON.stringify(named)) {
      const before = followers;
      await before.close();
      named = now;
      followers = begin(now);
      await followers.ready;
      log('other policies are followed', { policies: now.policies });
    }
    return await rebuild({ source: 'configuration', signal: new AbortController().signal });
  }

  await followers.ready;
  if (accept !== undefined && !refsOf(followers).some(isAt(accept)))
    log('commit not accepted', { commit: accept, detail: 'no ref that is followed is at it' });
  /** A mistake in it is nobody else's: it is told, and what is in force stays. */
  function followFile(name: string, path: string, onChange: () => Promise<Answer>, optional: boolean) {
    const change = async (): Promise<Answer> => {
      try {
        return await onChange();
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log(`${name} refused`, { reason });
        return { accepted: false, reason };
      }
    };
    return followFolder(path, change, { now, settleMs: CONFIG_SETTLE_MS, optional });
  }

  const lockChanged = async () =>
    await rebuild({ source: 'rampart.lock', signal: new AbortController().signal });
  const files = [
    ...(config === undefined ? [] : [followFile('configuration', config, configChanged, false)]),
    ...locks.map((lock) => followFile('lock', lock, lockChanged, true)),
  ];
  await Promise.all(files.map(({ ready }) => ready));
  return {
    state: () => followers.state(),
    poll: () => followers.poll(),
    async close() {
      for (const file of files) await file.close();
      await followers.close();
    },
  };
}

function refsOf(followers: PolicyFollowers): FollowState[] {
  return followers.state().filter((state) => state.kind === 'git');
}

/** Why a ref is not followed to where it is; what a snapshot was refused for is said there. */
export function refusalOf(state: SourceState | FollowState): NonNullable<FollowState['refused']>[] {
  const refused = 'ref' in state ? state.refused : undefined;
  return refused === undefined || refused.reason === 'rejected' ? [] : [refused];
}

function isAt(commit: string): (state: FollowState) => boolean {
  return (state) => state.commit === commit || state.accepted?.commit === commit;
}
