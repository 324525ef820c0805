/**
 * Cuts a file into documents before any YAML is read, line by line, as k8s.io/apimachinery's YAMLReader does for
 * kubectl and the API machinery: at every line that begins with `---`.
 */

/** One document: `text.slice(start, end)`, beginning at `line` (from 1). */
interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

/** A separator line with something behind it, which apimachinery refuses. */
interface BadSeparator {
  readonly offset: number;
  readonly line: number;
  readonly text: string;
}

interface Split {
  readonly chunks: readonly Chunk[];
  readonly bad: readonly BadSeparator[];
  /** Where the documents beyond the maximum begin; they were not cut. */
  readonly rest: { readonly offset: number; readonly line: number } | undefined;
}

// Go's unicode.IsSpace, less the line feed.
const SPACE = '[\\t\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const SEPARATOR_REST = new RegExp(`^${SPACE}*(?:#|$)`);

export function split(text: string, maximum: number): Split {
  const chunks: Chunk[] = [];
  const bad: BadSeparator[] = [];
  let start = 0;
  let line = 1;
  let separator = nextSeparator(text, 0);
  let counted = 0;
  let countedLine = 1;
  while (separator !== -1) {
    if (chunks.length >= maximum) return { chunks, bad, rest: { offset: start, line } };
    countedLine += newlines(text, counted, separator);
    counted = separator;
    const lineEnd = endOfLine(text, separator);
    const rest = text.slice(separator + 3, lineEnd);
    if (rest !== '' && !SEPARATOR_REST.test(rest)) {
      bad.push({ offset: separator, line: countedLine, text: rest });
    }
    // A separator before any content belongs to the document it opens.
    if (separator > start) chunks.push({ start, end: separator, line });
    start = separator > start ? Math.min(lineEnd + 1, text.length) : start;
    line = start > separator ? countedLine + 1 : countedLine;
    separator = nextSeparator(text, lineEnd);
  }
  if (start < text.length) chunks.push({ start, end: text.length, line });
  return { chunks, bad, rest: undefined };
}

function nextSeparator(text: string, from: number): number {
  if (from === 0 && text.startsWith('---')) return 0;
  const found = text.indexOf('\n---', from);
  return found === -1 ? -1 : found + 1;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

/** How many line feeds stand in `text` between two offsets. */
export function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
