/**
 * Snapshots of one configuration, made again whenever something changes, beside other work: only what changed is read and
 * compiled again. Where policies are as they were, nothing is compiled: stages, tiers and exemptions are put beside them.
 */
import type { Resource } from '../../model/index.ts';
import {
  compilingPolicies,
  newReuse,
  type PolicySet,
  parseSettings,
  type Reuse,
  type Settings,
} from '../../policy/index.ts';
import { policySource } from '../text.ts';
import { UsageError } from '../usage.ts';
import {
  assignmentsOf,
  type Build,
  freezing,
  type LockedOptions,
  type SnapshotOptions,
  sourcesOf,
  withLock,
} from './build.ts';
import { canonicalJson } from './canonical.ts';
import { type KnownFiles, readingPolicies } from './read-policies.ts';
import { type Pausing, withPauses } from './steps.ts';

/** One at a time. Comes to what {@link buildSnapshot} does, and rejects where that throws. */
export type Builder = (options: SnapshotOptions) => Promise<Build>;

interface Known {
  readonly settings: Settings;
  readonly files: KnownFiles;
  readonly documents: readonly Resource[];
  readonly set: PolicySet;
  readonly reuse: Reuse;
}

export function createBuilder(pausing?: Pausing): Builder {
  let known: Known | undefined;
  const texts = new WeakMap<Resource, string>();

  function textOf(resource: Resource): string {
    const text = texts.get(resource) ?? canonicalJson(resource.object);
    texts.set(resource, text);
    return text;
  }

  function* building(given: SnapshotOptions): Generator<void, Build> {
    const options = withLock(given);
    const settings = settingsOf(options);
    const read = yield* readingPolicies(sourcesOf(options), options.folder, known?.files ?? new Map());
    const before = isSame(known?.settings, settings) ? known : undefined;
    const reuse = before?.reuse ?? newReuse();
    const set = areSame(before?.documents, read.documents)
      ? before!.set
      : yield* compilingPolicies(read.documents, {
          settings,
          reuse,
          source: policySource(read.paths),
          now: Date.now(),
          // The library is tested; a policy of somebody else is checked before it decides anything.
          lazy: options.policies.every((source) => source === 'builtin'),
        });
    known = { settings, files: read.files, documents: read.documents, set, reuse };
    return yield* freezing(read, set, settings, options, textOf);
  }

  return (options) => withPauses(building(options), pausing);
}

function settingsOf(options: LockedOptions): Settings {
  const parsed = parseSettings(assignmentsOf(options));
  if (!parsed.ok) throw new UsageError(`--set: ${parsed.errors.join('; ')}`);
  return parsed.settings;
}

function isSame(a: Settings | undefined, b: Settings): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function areSame(before: readonly Resource[] | undefined, now: readonly Resource[]): boolean {
  return before?.length === now.length && now.every((document, i) => document === before[i]);
}
