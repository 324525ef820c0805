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

/** Turns `(?P<name>` and `(?<name>` into `(`, outside of classes and escapes. */
function withoutNames(pattern: string): string {
  const token = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]|\(\?P?<\w+>/g;
  return pattern.replace(token, (found) => (found.startsWith('(') ? '(' : found));
}
