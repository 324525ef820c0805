/** How an object differs from the one that was expected. */
import { isMap } from '../../../json.ts';

/**
 * Both objects in one order, fit to be shown side by side; undefined when they are alike. Empty maps, empty lists and
 * nulls count as absent, as in Kyverno's CLI.
 */
export function different(
  expected: unknown,
  actual: unknown,
): { expected: unknown; actual: unknown } | undefined {
  const [wanted, got] = [tidy(expected), tidy(actual)];
  return isAlike(wanted, got) ? undefined : { expected: wanted, actual: arranged(got, wanted) };
}

function isAlike(a: unknown, b: unknown): boolean {
  if (isMap(a) && isMap(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && isAlike(a[key], b[key]))
    );
  }
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => isAlike(item, b[i]));
  return a === b || (isNumber(a) && isNumber(b) && Number(a) === Number(b));
}

/** Numbers may be whole in one form and not in the other. */
function isNumber(value: unknown): value is number | bigint | number {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Number;
}

/** The value with its keys in the order of another's, and what is alike written alike. */
function arranged(value: unknown, model: unknown): unknown {
  if (isAlike(value, model)) return model;
  if (Array.isArray(value) && Array.isArray(model)) return value.map((item, i) => arranged(item, model[i]));
  if (!isMap(value) || !isMap(model)) return value;
  const known = Object.keys(model).filter((key) => Object.hasOwn(value, key));
  const keys = new Set([...known, ...Object.keys(value)]);
  return Object.fromEntries(
    [...keys].map((key) => [key, arranged(value[key], Object.hasOwn(model, key) ? model[key] : undefined)]),
  );
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
