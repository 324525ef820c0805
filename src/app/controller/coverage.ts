/**
 * Which objects were made or changed without anybody being asked. Workers say whom they were asked about, by `metadata.uid`
 * and the time of the change; the background scan says what has changed. What is in the second and not in the first, a
 * while later, went past admission: docs/decisions/0010.
 */
import type { AskedAbout, LiveRef, Observation } from '../../model/index.ts';
import type { FindingStore } from '../../store/index.ts';

export interface Coverage {
  /** Of a worker. */
  asked(about: AskedAbout): void;
  /** Of the background scan. */
  observed(observation: Observation): void;
  gone(resource: LiveRef): void;
  /** Marks what nobody was asked about for so long that nobody will say so any more. */
  settle(): void;
  /** Namespaces in which objects changed, and for long nobody was asked about any change; sorted. */
  unasked(): readonly string[];
}

export interface CoverageOptions {
  readonly store: Pick<FindingStore, 'mark'>;
  /** Milliseconds since 1970. What changed before then nobody knows anything of. */
  readonly since: number;
  readonly now: () => number;
  /** Milliseconds for which a worker may be late. Default 15 s. */
  readonly settleMs?: number;
}

interface Open {
  readonly resource: LiveRef;
  readonly at: string;
  readonly due: boolean;
  readonly until: number;
}

const MOST_OBJECTS = 100_000;
const MOST_NAMESPACES = 10_000;
const SECOND = 1_000;
/** A namespace that was covered, and no longer is, is found after so long. */
const UNASKED_MS = 600_000;

export function createCoverage({ store, since, now, settleMs = 15_000 }: CoverageOptions): Coverage {
  /** Last change that somebody was asked about, by uid. */
  const evaluated = new Map<string, string>();
  const open = new Map<string, Open>();
  /** Marked, by uid: a worker may have been later than it may be. */
  const marked = new Map<string, Open>();
  /** When somebody was asked last, and when an object changed last without a question; by namespace. */
  const askedIn = new Map<string, number>();
  const changedIn = new Map<string, number>();

  function clear(uid: string, at: string): void {
    if ((open.get(uid)?.at ?? '~') <= at) open.delete(uid);
    const mark = marked.get(uid);
    if (mark === undefined || mark.at > at) return;
    marked.delete(uid);
    store.mark(mark.resource, false);
  }

  function note(times: Map<string, number>, namespace: string): void {
    times.delete(namespace);
    times.set(namespace, now());
    if (times.size > MOST_NAMESPACES) times.delete(times.keys().next().value!);
  }

  /** Of one that was asked about a moment ago, something may only have gone past: that is the object's mark. */
  function isUnasked(namespace: string): boolean {
    const asked = askedIn.get(namespace);
    return namespace !== '' && (asked === undefined || changedIn.get(namespace)! > asked + UNASKED_MS);
  }

  return {
    asked({ objects, namespaces, dropped }) {
      for (const namespace of Object.keys(namespaces)) note(askedIn, namespace);
      for (const entry of objects) {
        const [uid = '', at = ''] = entry.split(' ');
        if ((evaluated.get(uid) ?? '') > at) continue;
        evaluated.delete(uid);
        evaluated.set(uid, at);
        if (evaluated.size > MOST_OBJECTS) evaluated.delete(evaluated.keys().next().value!);
        clear(uid, at);
      }
      // Whoever was left out may be any of them.
      if (dropped > 0) open.clear();
    },
    observed({ resource, change }) {
      const { uid } = resource;
      if (change === undefined || uid === '') return;
      const { at, due } = change;
      // The time says the second; what changed in the one in which all began may have been before.
      const isKnown = Date.parse(at) >= since - (since % SECOND) + SECOND;
      if (!isKnown) return;
      if ((evaluated.get(uid) ?? '') >= at) return clear(uid, at);
      if (open.get(uid)?.at === at || marked.get(uid)?.at === at) return;
      open.set(uid, { resource, at, due, until: now() + settleMs });
    },
    gone({ uid }) {
      open.delete(uid);
      marked.delete(uid);
    },
    settle() {
      for (const [uid, one] of open) {
        if (one.until > now()) continue;
        open.delete(uid);
        note(changedIn, one.resource.namespace);
        if (!one.due) continue;
        marked.set(uid, one);
        store.mark(one.resource, true);
      }
    },
    unasked: () => [...changedIn.keys()].filter(isUnasked).sort(),
  };
}
