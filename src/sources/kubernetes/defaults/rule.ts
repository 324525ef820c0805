/** An object while its defaults are filled in: its own, to be changed. */
export type Draft = Record<string, unknown>;

/**
 * Fills in one Go type, after the types of its fields: what stands in them is the draft's own. Each is named for the function in Kubernetes' pkg/apis that it
 * follows.
 *
 * @param minor 37 for 1.37
 */
export type Rule = (draft: Draft, minor: number) => void;

export type Rules = Readonly<Record<string, Rule>>;

/** For what Go holds by a pointer: only an absent value is filled in. */
export function absent(draft: Draft, values: Draft): void {
  for (const key of Object.keys(values)) if (draft[key] == null) draft[key] = values[key];
}

/** For what Go holds by value: an empty one is as good as none. */
export function empty(draft: Draft, values: Draft): void {
  for (const key of Object.keys(values)) if (isEmpty(draft[key])) draft[key] = values[key];
}

export function isEmpty(value: unknown): boolean {
  return value == null || value === '' || value === 0 || (Array.isArray(value) && value.length === 0);
}

/** The map under a key, to be changed; undefined when there is none. */
export function mapIn(draft: Draft, key: string): Draft | undefined {
  const value = draft[key];
  if (!isMap(value)) return undefined;
  if (!Object.isFrozen(value)) return value;
  const own = { ...value };
  draft[key] = own;
  return own;
}

/** The maps of a list under a key, to be changed. */
export function mapsIn(draft: Draft, key: string): Draft[] {
  const value = draft[key];
  return Array.isArray(value) ? value.filter(isMap) : [];
}

export function isMap(value: unknown): value is Draft {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Number);
}
