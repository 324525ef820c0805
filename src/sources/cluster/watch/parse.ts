/**
 * JSON of the API server in the form that the evaluator needs: integers as number (bigint beyond 2^53), every other number
 * boxed, as src/sources/manifests/json.ts reads files. JSON.parse is faster than that, and its strings do not keep the text
 * they were cut from in memory; it is asked about numbers only where there are some that it would change.
 */
import { jsonNumber } from '../../manifests/numbers.ts';

/** Newer than the types of TypeScript's library. */
const parseWithSource = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/** @throws SyntaxError, also for a number beyond float64, which Kubernetes refuses. */
export function parseNumbers(text: string): unknown {
  if (hasPlainNumbers(text)) return JSON.parse(text);
  return parseWithSource(text, (_, value, { source }) => {
    if (typeof value !== 'number' || source === undefined) return value;
    const number = jsonNumber(source);
    if (number === undefined) throw new SyntaxError(`the number ${source.slice(0, 40)} is beyond float64`);
    return number;
  });
}

const BACKSLASH = 0x5c;
/** Digits that fit a double for sure. */
const SAFE_DIGITS = 15;

/** Whether all numbers are integers that JSON.parse returns as they are. */
export function hasPlainNumbers(text: string): boolean {
  for (let at = 0; ; ) {
    const quote = text.indexOf('"', at);
    if (!isPlain(text, at, quote < 0 ? text.length : quote)) return false;
    if (quote < 0) return true;
    at = afterString(text, quote);
    if (at < 0) return true; // No JSON: JSON.parse says so.
  }
}

/** What stands between two strings. */
function isPlain(text: string, from: number, to: number): boolean {
  let digits = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) {
      if (++digits > SAFE_DIGITS) return false;
      // The reader of files knows no negative zero.
      if (digits === 1 && code === 0x30 && text.charCodeAt(at - 1) === 0x2d) return false;
    } else {
      // A fraction, or an exponent; `e` is also a letter of true and false.
      if (code === 0x2e || (digits > 0 && (code | 0x20) === 0x65)) return false;
      digits = 0;
    }
  }
  return true;
}

/** @returns Negative where the string does not end. */
function afterString(text: string, quote: number): number {
  for (let at = quote + 1; ; ) {
    const end = text.indexOf('"', at);
    if (end < 0) return -1;
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before--;
    if ((end - before) % 2 === 1) return end + 1;
    at = end + 1;
  }
}
