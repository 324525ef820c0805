/** The engine of record: re2js, loaded when the first pattern needs it (it takes 20 ms). */
import { createRequire } from 'node:module';

type Re2 = typeof import('re2js').RE2JS;
export type Re2Pattern = ReturnType<Re2['compile']>;

let engine: Re2 | undefined;

/** Whether re2js has been loaded, for tests of start-up. */
export function isEngineLoaded(): boolean {
  return engine !== undefined;
}

/** Compiles with RE2's rules; the error is worded as Go's regexp package words it. */
export function compileRe2(pattern: string): Re2Pattern | { error: string } {
  if (sizeOf(pattern) > LARGEST)
    return { error: `error parsing regexp: expression too large: \`${pattern}\`` };
  engine ??= (createRequire(import.meta.url)('re2js') as typeof import('re2js')).RE2JS;
  try {
    return engine.compile(pattern);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Go allows two groups of one name; nobody here asks for groups by name.
    if (message.includes('duplicate capture group name')) {
      const unnamed = withoutNames(pattern);
      const compiled = compileRe2(unnamed);
      // An error further on may quote the whole pattern.
      return 'error' in compiled ? { error: compiled.error.replace(unnamed, () => pattern) } : compiled;
    }
    // Go quotes what is left of the pattern, which here is nothing.
    if (message.endsWith('trailing backslash at end of expression')) return { error: `${message}: \`\`` };
    return { error: message };
  }
}

/**
 * Compiling takes ten microseconds for each node. Go's own limit lies much higher, at patterns that nobody writes but
 * to do harm.
 */
const LARGEST = 50_000;

/**
 * About how many nodes the pattern has when its counted repetitions are written out; 0 when RE2 refuses it anyway, and
 * says better why.
 */
function sizeOf(pattern: string): number {
  const groups: { start: number; copies: number }[] = [];
  let size = 0;
  // Of the last atom: its nodes, and how often the innermost of them is copied.
  let last = 0;
  let copies = 1;
  let most = 1;
  const token = /\\[\s\S]?|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]?|\{(\d+)(?:,(\d*))?\}|[\s\S]/g;
  for (const [text, low, high] of pattern.matchAll(token)) {
    if (low !== undefined) {
      const count = Math.max(1, Number(high) || Number(low));
      copies *= count;
      if (copies > 1_000) return 0;
      most = Math.max(most, copies);
      size += last * (count - 1);
      last *= count;
    } else if (text === '(') {
      groups.push({ start: size, copies: most });
      most = 1;
    } else if (text === ')') {
      const group = groups.pop();
      if (group === undefined) return 0;
      last = size - group.start;
      copies = most;
      most = Math.max(most, group.copies);
    } else {
      size++;
      last = 1;
      copies = 1;
    }
  }
  return size;
}

/** Turns `(?P<name>` and `(?<name>` into `(`, outside of classes and escapes. */
function withoutNames(pattern: string): string {
  const token = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]|\(\?P?<\w+>/g;
  return pattern.replace(token, (found) => (found.startsWith('(') ? '(' : found));
}
