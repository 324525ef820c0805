/**
 * The body of a request as JSON that the evaluator can read. The engine's own parser is four times as fast as ours, and
 * hides what only ours sees: numbers that are no int64, and integers beyond 2^53. Few requests hold one.
 */
import { isUtf8 } from 'node:buffer';
import { readJson, skipJsonSpace } from '../../sources/manifests/json.ts';

/** Levels; where the API server's own decoder stops (sigs.k8s.io/json). */
const MOST_DEPTH = 10_000;

/** @throws Error for what is no JSON text in UTF-8. */
export function parseBody(body: Buffer): unknown {
  if (!isUtf8(body)) throw new Error('it is no UTF-8');
  const text = body.toString('utf8');
  const value: unknown = JSON.parse(text);
  try {
    return isPlain(value) ? value : parseCarefully(text);
  } catch (thrown) {
    // Nested deeper than anything here can follow: each policy that has to is an error of its own, and no way past it.
    if (thrown instanceof RangeError) return value;
    throw thrown;
  }
}

/**
 * Whether every number is an integer that a double holds exactly. Go writes a float without fraction as an integer
 * (`1`, never `1.0`), so that nothing of what the API server sends is lost by looking at values instead of the text.
 */
function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (!isPlain(item)) return false;
    return true;
  }
  for (const key in value) if (!isPlain((value as Record<string, unknown>)[key])) return false;
  return true;
}

function parseCarefully(text: string): unknown {
  const { value, end } = readJson(text, 0, MOST_DEPTH);
  if (skipJsonSpace(text, end) !== text.length) throw new Error('something follows the value');
  return value;
}
