import { cutTo, displayWidth, plain } from './text.ts';

export interface Excerpt {
  /** The source line, printable, cut to the width. */
  readonly line: string;
  /** Columns before the marked part. */
  readonly offset: number;
  /** Columns of the marked part, at least 1. */
  readonly length: number;
}

/** The lines of a text, cut once and looked up by number from 1. */
export function linesOf(text: string): (line: number) => string | undefined {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  return (line) => lines[line - 1];
}

/**
 * The end (exclusive, UTF-16, from 0) of what stands at a column (from 1): a quoted string, a `key: value` whose value
 * is on the same line, a list item, a word. Good enough to underline; it parses nothing.
 */
export function markedEnd(line: string, column: number): number {
  const start = Math.min(column - 1, line.length);
  const rest = line.slice(start);
  const quoted = /^"(?:[^"\\]|\\.)*"|^'(?:[^']|'')*'/.exec(rest);
  const word = quoted ?? /^[^\s,[\]{}#:]+(?::+[^\s,[\]{}#:]+)*/.exec(rest);
  if (word === null) return Math.max(start + 1, trimmedLength(line, start));
  const value = /^\s*:(?:\s+|$)(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#,[\]{}"'][^#,\]}]*)?/.exec(
    rest.slice(word[0].length),
  );
  if (value === null) return start + word[0].length;
  const end = start + word[0].length + value[0].trimEnd().length;
  // `key:` alone marks the key, not its colon.
  return line[end - 1] === ':' ? start + word[0].length : end;
}

function trimmedLength(line: string, start: number): number {
  const comment = line.indexOf(' #', start);
  return (comment === -1 ? line : line.slice(0, comment)).trimEnd().length;
}

/** The source line and where to put the caret, in at most `width` columns; long lines are cut round the mark. */
export function excerpt(line: string, column: number, width: number): Excerpt {
  const start = Math.min(column - 1, line.length);
  const before = plain(line.slice(0, start));
  const marked = plain(line.slice(start, markedEnd(line, column)));
  const after = plain(line.slice(markedEnd(line, column)).trimEnd());
  const offset = displayWidth(before);
  const length = Math.max(1, displayWidth(marked));
  if (offset + length + displayWidth(after) <= width)
    return { line: before + marked + after, offset, length };
  return cutRound(before, marked, after, width);
}

function cutRound(before: string, marked: string, after: string, width: number): Excerpt {
  const room = width - 6;
  const mark = cutTo(marked, Math.max(1, room));
  const left = lastColumns(
    before,
    Math.max(0, Math.min(displayWidth(before), Math.floor((room - displayWidth(mark)) / 2))),
  );
  const used = displayWidth(left) + displayWidth(mark);
  const right = used >= room || after === '' ? '' : cutTo(after, room - used);
  const head = left.length < before.length ? `...${left}` : left;
  const tail = mark.length < marked.length || right.length < after.length ? '...' : '';
  return {
    line: head + mark + right + tail,
    offset: displayWidth(head),
    length: Math.max(1, displayWidth(mark)),
  };
}

function lastColumns(text: string, width: number): string {
  if (width === 0) return '';
  const chars = [...text];
  let used = 0;
  let from = chars.length;
  while (from > 0 && used + displayWidth(chars[from - 1]!) <= width) used += displayWidth(chars[--from]!);
  return chars.slice(from).join('');
}
