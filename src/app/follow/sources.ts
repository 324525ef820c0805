/**
 * Follows all that a snapshot is made of: the configuration, and the policies that it names. Where it names others than
 * before, those are followed from then on.
 */
import type { Answer } from './answer.ts';
import { followFolder } from './folder.ts';
import { followPolicies, type PolicyFollowers, type Rebuild, type SourceState } from './policies.ts';

export type FollowedSources = Pick<Parameters<typeof followPolicies>[0], 'policies' | 'follow'>;

export interface FollowSourcesOptions {
  /** What the configuration names now. Rejects with a UsageError for a mistake in it. */
  readonly sources: () => Promise<FollowedSources>;
  /** Path of rampart.yaml; undefined: there is none. */
  readonly config: string | undefined;
  readonly cwd: string;
  /** Of the data folder: where commits are kept. */
  readonly dataFolder: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly rebuild: Rebuild;
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
  const { sources, config, cwd, dataFolder, now, rebuild, log } = options;
  let named = await sources();
  let followers = begin(named);

  function begin(of: FollowedSources): PolicyFollowers {
    return followPolicies({ ...of, cwd, dataFolder, now, onState: tell }, rebuild);
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
  const configuration =
    config === undefined
      ? undefined
      : followFolder(
          config,
          async () => {
            try {
              return await configChanged();
            } catch (error) {
              const reason = error instanceof Error ? error.message : String(error);
              log('configuration refused', { reason });
              return { accepted: false, reason };
            }
          },
          { now, settleMs: CONFIG_SETTLE_MS },
        );
  await configuration?.ready;
  return {
    state: () => followers.state(),
    poll: () => followers.poll(),
    async close() {
      await configuration?.close();
      await followers.close();
    },
  };
}
