/** How an object differs from the one that was expected. */
import { isMap, pointerStep } from '../../../json.ts';

/**
 * One line for each place, with its JSON Pointer; empty maps, empty lists and nulls count as absent, as in Kyverno's CLI.
 */
export function differences(expected: unknown, actual: unknown): string[] {
  return [...compare(tidy(expected), tidy(actual), '')];
}

function* compare(expected: unknown, actual: unknown, pointer: string): Generator<string> {
  if (isMap(expected) && isMap(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)]))
      yield* compare(at(expected, key), at(actual, key), pointer + pointerStep(key));
  } else if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    for (const [i, item] of expected.entries()) yield* compare(item, actual[i], `${pointer}/${i}`);
  } else if (!isSame(expected, actual)) yield `${pointer}: expected ${shown(expected)}, got ${shown(actual)}`;
}

function at(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Numbers may be whole in one form and not in the other. */
function isSame(a: unknown, b: unknown): boolean {
  return a === b || (isNumber(a) && isNumber(b) && Number(a) === Number(b));
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

const LONGEST = 100;

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? Number(one) : one));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function tidy(value: unknown): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) {
    const items = value.map(tidy).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (!isMap(value)) return value;
  const entries = Object.entries(value).flatMap(([key, one]): [string, unknown][] => {
    const kept = tidy(one);
    return kept === undefined ? [] : [[key, kept]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
