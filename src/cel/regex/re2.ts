/** The engine of record: re2js, loaded when the first pattern needs it (it takes 20 ms). */
import { createRequire } from 'node:module';

type Re2 = typeof import('re2js').RE2JS;
type Compiled = ReturnType<Re2['compile']>;

let engine: Re2 | undefined;

/** Whether re2js has been loaded, for tests of start-up. */
export function isEngineLoaded(): boolean {
  return engine !== undefined;
}

/** Compiles with RE2's rules; the error is worded as Go's regexp package words it. */
export function compileRe2(pattern: string): Compiled | { error: string } {
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

/** About how many nodes the pattern has when its counted repetitions are written out. */
function sizeOf(pattern: string): number {
  const groups: number[] = [];
  let size = 0;
  let last = 0;
  const token = /\\[\s\S]?|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]?|\{(\d{1,4})(?:,(\d{0,4}))?\}|[\s\S]/g;
  for (const [text, least, most] of pattern.matchAll(token)) {
    if (least !== undefined) {
      const copies = Math.max(1, Number(most) || Number(least));
      size += last * (copies - 1);
      last *= copies;
    } else if (text === '(') {
      groups.push(size);
    } else if (text === ')') {
      last = size - (groups.pop() ?? 0);
    } else {
      size++;
      last = 1;
    }
  }
  return size;
}

/** Turns `(?P<name>` and `(?<name>` into `(`, outside of classes and escapes. */
function withoutNames(pattern: string): string {
  const token = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]|\(\?P?<\w+>/g;
  return pattern.replace(token, (found) => (found.startsWith('(') ? '(' : found));
}
