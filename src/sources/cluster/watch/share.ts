/**
 * Objects that lie beside each other say the same things: replicas their images, arguments and settings. A text that was
 * kept a moment ago is kept once.
 */

/** Texts that are remembered; then all are forgotten, which costs memory and changes nothing. */
const MOST = 5_000;
/** Of this length and less JSON.parse keeps them once by itself; what is longer than the last is hardly the same. */
const LENGTHS = [10, 300] as const;

/** @returns Replaces the texts within a parsed value by equal ones; the value must be nobody's yet. */
export function createSharing(): (value: object) => void {
  const texts = new Map<string, string>();

  function shared(text: string): string {
    if (text.length <= LENGTHS[0] || text.length > LENGTHS[1]) return text;
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (texts.size >= MOST) texts.clear();
    texts.set(text, text);
    return text;
  }

  function share(value: object): void {
    const map = value as Record<string, unknown>;
    for (const key of Object.keys(map)) {
      const item = map[key];
      if (typeof item === 'string') map[key] = shared(item);
      else if (typeof item === 'object' && item !== null) share(item);
    }
  }

  return share;
}
