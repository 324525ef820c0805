/** JSON as CEL text. Values of mixed types are wrapped in `dyn`, since the API server refuses literals that mix them. */
import { isMap } from '../json.ts';

export function celText(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (value instanceof Number) return Number.isInteger(Number(value)) ? `${value}.0` : String(Number(value));
  if (Array.isArray(value)) return `[${values(value).join(', ')}]`;
  if (!isMap(value)) return String(value);
  const keys = Object.keys(value);
  const texts = values(keys.map((key) => value[key]));
  return `{${keys.map((key, i) => `${quote(key)}: ${texts[i]}`).join(', ')}}`;
}

function values(items: readonly unknown[]): string[] {
  const isScalar = (item: unknown) => !Array.isArray(item) && !isMap(item);
  const same = items.every((item) => isScalar(item) && typeof item === typeof items[0] && item !== null);
  return items.map((item) => (same ? celText(item) : `dyn(${celText(item)})`));
}

/** In single quotes where that spares escapes. */
export function quote(text: string): string {
  return /^[^'\\\p{Cc}]*$/u.test(text) ? `'${text}'` : JSON.stringify(text);
}
