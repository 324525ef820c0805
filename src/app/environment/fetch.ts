/**
 * Asks a cluster for single objects that a watch has not shown yet, such as the namespace that was made a moment ago. What
 * is asked twice at a time is asked once; what is not there is not asked for again at once.
 */
import type { LiveKind, Resource } from '../../model/index.ts';
import { createTurns } from '../../sources/index.ts';

export type Fetched =
  | { readonly kind: 'found'; readonly resource: Resource }
  /** The cluster says there is none. */
  | { readonly kind: 'missing' }
  /** It did not say. */
  | { readonly kind: 'unknown'; readonly detail: string };

/** @returns Undefined where there is none. Rejects where nobody can tell. */
export type Ask = (
  kind: LiveKind,
  namespace: string,
  name: string,
  withinMs: number,
) => Promise<Resource | undefined>;

export interface Fetcher {
  /** Never rejects. @param withinMs Until there is an answer, waiting in line included. */
  fetch(kind: LiveKind, namespace: string, name: string, withinMs: number): Promise<Fetched>;
  /** It is there now. */
  forget(kind: LiveKind, namespace: string, name: string): void;
}

const AT_ONCE = 8;
/** Questions that run or wait; more are not asked. */
const MOST = 256;
const MISSING_MS = 2_000;
const MOST_MISSING = 1_000;

/** @param now Milliseconds. */
export function createFetcher(ask: Ask, now: () => number): Fetcher {
  const turns = createTurns(AT_ONCE);
  const running = new Map<string, Promise<Fetched>>();
  const missing = new Map<string, number>();

  async function answer(kind: LiveKind, namespace: string, name: string, until: number): Promise<Fetched> {
    return turns(async (): Promise<Fetched> => {
      const left = until - now();
      if (left <= 0) return LATE;
      try {
        const resource = await ask(kind, namespace, name, left);
        if (resource !== undefined) return { kind: 'found', resource };
        note(placeIn(kind, namespace, name));
        return { kind: 'missing' };
      } catch (error) {
        return { kind: 'unknown', detail: error instanceof Error ? error.message : String(error) };
      }
    });
  }

  function note(place: string): void {
    missing.delete(place);
    missing.set(place, now() + MISSING_MS);
    if (missing.size > MOST_MISSING) missing.delete(missing.keys().next().value!);
  }

  return {
    fetch(kind, namespace, name, withinMs) {
      const place = placeIn(kind, namespace, name);
      if ((missing.get(place) ?? 0) > now()) return Promise.resolve({ kind: 'missing' });
      let asked = running.get(place);
      if (asked === undefined) {
        if (running.size >= MOST) return Promise.resolve(CROWDED);
        asked = answer(kind, namespace, name, now() + withinMs).finally(() => running.delete(place));
        running.set(place, asked);
      }
      return within(asked, withinMs);
    },
    forget: (kind, namespace, name) => void missing.delete(placeIn(kind, namespace, name)),
  };
}

const LATE: Fetched = { kind: 'unknown', detail: 'the cluster did not answer in time' };
const CROWDED: Fetched = { kind: 'unknown', detail: `${MOST} other objects are being asked for already` };

function within(asked: Promise<Fetched>, ms: number): Promise<Fetched> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(LATE), ms);
    asked.then((fetched) => {
      clearTimeout(late);
      resolve(fetched);
    });
  });
}

function placeIn({ group, version, kind }: LiveKind, namespace: string, name: string): string {
  return `${group}/${version}/${kind}/${namespace}/${name}`;
}
