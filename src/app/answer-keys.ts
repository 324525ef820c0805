/** Whether answers of look-ups still count: by digests of all that they hang on. */
import { type Place, placesOf } from '../policy/index.ts';
import type { Facts } from './facts.ts';
import { digestOf } from './result-cache.ts';
import { digestOfValue } from './traces.ts';

/** A digest of everything that an answer hangs on which was looked up in these places, a list in JSON. */
export type AnswerKey = (places: string) => string;

export function answerKeys({ traces, namespaces, definitions, unread }: Facts): AnswerKey {
  // What namespaces and definitions say counts for every policy, and what could not be read may be anything.
  const common = digestOfValue([[...namespaces].sort(byName), definitions, unread]);
  const found = new Map<Place, string[]>();
  for (const { traces: ofFile } of traces)
    for (const trace of ofFile)
      for (const place of placesOf(trace)) {
        const known = found.get(place);
        if (known === undefined) found.set(place, [trace.digest]);
        else known.push(trace.digest);
      }
  // Sorted: threads tell of files in any order.
  const placeKey = remembering((place) => digestOf((found.get(place) ?? []).sort().join()));
  return remembering((places) => digestOf([common, ...(JSON.parse(places) as Place[]).map(placeKey)].join()));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function remembering(make: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const made = known.get(text) ?? make(text);
    known.set(text, made);
    return made;
  };
}
