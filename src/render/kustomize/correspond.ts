/** The same field in two versions of an object, before and after it was merged or reordered. */
import { equal, field, isMap } from '../values.ts';

/** Fields that tell the items of a list apart, as Kubernetes merges lists. */
const ITEM_KEYS = [
  'name',
  'containerPort',
  'mountPath',
  'devicePath',
  'port',
  'ip',
  'topologyKey',
  'key',
  'type',
];

/** The tokens in `to` of what `tokens` lead to in `from`; undefined where there is none, or not surely. */
export function correspond(from: unknown, tokens: readonly string[], to: unknown): string[] | undefined {
  const found: string[] = [];
  let [a, b] = [from, to];
  for (const token of tokens) {
    if (Array.isArray(a) && Array.isArray(b)) {
      const index = sameItem(a, Number(token), b);
      if (index === undefined) return undefined;
      found.push(String(index));
      [a, b] = [a[Number(token)], b[index]];
    } else if (isMap(a) && isMap(b)) {
      if (!Object.hasOwn(b, token)) return undefined;
      found.push(token);
      [a, b] = [a[token], b[token]];
    } else return undefined;
  }
  return found;
}

function sameItem(from: readonly unknown[], index: number, to: readonly unknown[]): number | undefined {
  const item = from[index];
  const key = isMap(item) ? ITEM_KEYS.find((name) => Object.hasOwn(item, name)) : undefined;
  const isSame = (other: unknown): boolean =>
    key === undefined ? equal(item, other) : equal(field(item, key), field(other, key));
  const alike = to.flatMap((other, at) => (isSame(other) ? [at] : []));
  return alike.length === 1 && from.filter(isSame).length === 1 ? alike[0] : undefined;
}
