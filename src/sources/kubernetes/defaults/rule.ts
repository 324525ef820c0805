import type { JsonMap } from '../../../model/index.ts';

/** An object while its defaults are filled in: its own, to be changed. */
export type Draft = Record<string, unknown>;

/**
 * Fills in one Go type, after the types of its fields. What stands in them is shared with the object that was read: a rule
 * changes it by way of {@link mapIn} and {@link mapsIn}. Each is named for the function in Kubernetes' pkg/apis that it
 * follows.
 *
 * @param minor 37 for 1.37
 */
export type Rule = (draft: Draft, minor: number) => void;

export type Rules = Readonly<Record<string, Rule>>;

/** For what Go holds by a pointer: only an absent value is filled in. */
export function absent(draft: Draft, values: Draft): void {
  for (const key in values) if (draft[key] == null) draft[key] = values[key];
}

/** For what Go holds by value: an empty one is as good as none. */
export function empty(draft: Draft, values: Draft): void {
  for (const key in values) if (isEmpty(draft[key])) draft[key] = values[key];
}

export function isEmpty(value: unknown): boolean {
  return value == null || value === '' || value === 0 || (Array.isArray(value) && value.length === 0);
}

/** Object.assign knows shapes it has copied before, however many they are; only what it would assign as a prototype is spread. */
export function copyOf(map: JsonMap): Draft {
  return Object.hasOwn(map, '__proto__') ? { ...map } : Object.assign({}, map);
}

/** The map under a key, to be changed; undefined when there is none. */
export function mapIn(draft: Draft, key: string): Draft | undefined {
  const value = draft[key];
  if (!isMap(value)) return undefined;
  const own = copyOf(value);
  draft[key] = own;
  return own;
}

/** The maps of a list under a key, to be changed. */
export function mapsIn(draft: Draft, key: string): Draft[] {
  const value = draft[key];
  if (!Array.isArray(value)) return [];
  const own: unknown[] = value.map((item) => (isMap(item) ? copyOf(item) : item));
  draft[key] = own;
  return own.filter(isMap);
}

export function isMap(value: unknown): value is Draft {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);
}
