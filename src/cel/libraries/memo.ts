/**
 * Remembers what was computed from short texts: manifests repeat the same quantities, addresses and versions, and
 * values do not change. Failures are computed anew.
 */

/** Texts remembered by each function; when it has met more it starts over. */
const CAPACITY = 1_000;
/** In UTF-16 units, so that hostile texts cannot fill the memory. */
const LONGEST = 200;

export function remember<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = compute(text);
    if (text.length <= LONGEST) {
      if (known.size >= CAPACITY) known.clear();
      known.set(text, value);
    }
    return value;
  };
}
