/**
 * Where a character of a YAML or JSON string stands in its file. The scalar is read again from its first character,
 * this time remembering positions; if that does not yield the very string the document has, there is no answer.
 */
export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

/**
 * @param text The file.
 * @param at Where the scalar stands: its first character, or the key before it on the same line.
 * @param value The string it was read as.
 * @returns From an index into `value` (UTF-16 units; its length is allowed) to the place in the file.
 */
export function mapScalar(
  text: string,
  at: Position,
  value: string,
): ((index: number) => Position) | undefined {
  const lineStarts = startsOfLines(text);
  const start = (lineStarts[at.line - 1] ?? text.length) + at.column - 1;
  for (const from of candidates(text, start)) {
    const indexes = readScalar(text, from, value);
    if (indexes !== undefined) return (index) => position(lineStarts, indexes[index] ?? indexes.at(-1)!);
  }
  return undefined;
}

/** The given place, and what follows a `key:` there; tags and anchors skipped. */
function candidates(text: string, start: number): number[] {
  const lineEnd = endOfLine(text, start);
  const result = [skipProperties(text, start, lineEnd)];
  for (
    let colon = text.indexOf(':', start);
    colon >= 0 && colon < lineEnd;
    colon = text.indexOf(':', colon + 1)
  ) {
    result.push(skipProperties(text, skipBlanks(text, colon + 1), lineEnd));
    if (result.length > 8) break;
  }
  return result;
}

function skipProperties(text: string, start: number, lineEnd: number): number {
  let at = start;
  while (at < lineEnd && (text[at] === '!' || text[at] === '&')) {
    while (at < lineEnd && text[at] !== ' ') at++;
    at = skipBlanks(text, at);
  }
  return at;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return at;
}

function readScalar(text: string, from: number, value: string): number[] | undefined {
  switch (text[from]) {
    case '|':
    case '>':
      return readBlock(text, from, value);
    case '"':
      return readDouble(text, from + 1, value);
    case "'":
      return readSingle(text, from + 1, value);
    default:
      return readPlain(text, from, value);
  }
}

/**
 * Block scalars, literal or folded. What folding and chomping do to line breaks need not be known: each line break of
 * the value comes from one in the file, and each folded break became a space.
 */
function readBlock(text: string, from: number, value: string): number[] | undefined {
  const start = endOfLine(text, from) + 1;
  if (!/\d/.test(text.slice(from, start))) return readLines(text, start, indentation(text, start), value);
  // The header's number counts from a parent that is not known here: the indentation that yields the value is it.
  for (let indent = leastIndentation(text, start); indent > 0; indent--) {
    const indexes = readLines(text, start, indent, value);
    if (indexes !== undefined) return indexes;
  }
  return undefined;
}

function readLines(text: string, start: number, indent: number, value: string): number[] | undefined {
  let at = start;
  const indexes: number[] = [];
  let used = 0;
  while (used < value.length && at <= text.length) {
    const end = endOfLine(text, at);
    const content = Math.min(at + indent, end);
    const blank = text.slice(at, end).trim() === '' && end - at <= indent;
    if (!blank) {
      for (let i = content; i < end && text[i] !== '\r'; i++) {
        if (value[used] !== text[i]) return undefined;
        indexes.push(i);
        used++;
      }
    }
    if (used < value.length && (value[used] === '\n' || value[used] === ' ')) {
      indexes.push(end);
      used++;
    }
    if (at >= text.length) break;
    at = end + 1;
  }
  if (used < value.length) return undefined;
  indexes.push((indexes.at(-1) ?? at) + 1);
  return indexes;
}

/** Of the first line that is not blank. */
function indentation(text: string, start: number): number {
  for (let at = start; at < text.length; at = endOfLine(text, at) + 1) {
    const first = skipSpaces(text, at);
    if (text[first] !== '\n' && text[first] !== '\r' && first < text.length) return first - at;
  }
  return 0;
}

/** Of the lines up to the next one that is not indented at all. */
function leastIndentation(text: string, start: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let at = start; at < text.length; at = endOfLine(text, at) + 1) {
    const first = skipSpaces(text, at);
    if (text[first] === '\n' || text[first] === '\r' || first >= text.length) continue;
    if (first === at) break;
    least = Math.min(least, first - at);
  }
  return Number.isFinite(least) ? least : 0;
}

function skipSpaces(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ') at++;
  return at;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};

function readDouble(text: string, from: number, value: string): number[] | undefined {
  const indexes: number[] = [];
  let used = 0;
  let at = from;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === '\n' || text[at] === '\r') {
      const folded = foldFlow(text, at, value, used, indexes);
      if (folded === undefined) return undefined;
      ({ at, used } = folded);
    } else if (text[at] === '\\' && (text[at + 1] === '\n' || text[at + 1] === '\r')) {
      at = skipBlanks(text, endOfLine(text, at) + 1);
    } else {
      const read = text[at] === '\\' ? readEscape(text, at) : { piece: text[at]!, length: 1 };
      if (read === undefined || !value.startsWith(read.piece, used)) {
        // Blanks before a folded line break are not part of the value.
        if (/[ \t]/.test(text[at]!) && /^[ \t]*\r?\n/.test(text.slice(at, at + 512))) {
          at++;
          continue;
        }
        return undefined;
      }
      for (let i = 0; i < read.piece.length; i++) indexes.push(at);
      used += read.piece.length;
      at += read.length;
    }
  }
  indexes.push(at);
  return used === value.length ? indexes : undefined;
}

function readEscape(text: string, at: number): { piece: string; length: number } | undefined {
  const letter = text[at + 1] ?? '';
  const digits = letter === 'x' ? 2 : letter === 'u' ? 4 : letter === 'U' ? 8 : 0;
  if (digits === 0) return { piece: ESCAPES[letter] ?? letter, length: 2 };
  const code = Number.parseInt(text.slice(at + 2, at + 2 + digits), 16);
  if (!Number.isInteger(code) || code > 0x10ffff) return undefined;
  return { piece: String.fromCodePoint(code), length: 2 + digits };
}

function readSingle(text: string, from: number, value: string): number[] | undefined {
  const indexes: number[] = [];
  let used = 0;
  let at = from;
  while (at < text.length) {
    if (text[at] === "'") {
      if (text[at + 1] !== "'") break;
      if (value[used] !== "'") return undefined;
      indexes.push(at);
      used++;
      at += 2;
    } else {
      const step = flowStep(text, at, value, used, indexes);
      if (step === undefined) return undefined;
      ({ at, used } = step);
    }
  }
  indexes.push(at);
  return used === value.length ? indexes : undefined;
}

/** Plain scalars end where the value does: what follows belongs to somebody else. */
function readPlain(text: string, from: number, value: string): number[] | undefined {
  const indexes: number[] = [];
  let used = 0;
  let at = from;
  while (used < value.length) {
    if (at >= text.length) return undefined;
    const step = flowStep(text, at, value, used, indexes);
    if (step === undefined) return undefined;
    ({ at, used } = step);
  }
  indexes.push(at);
  return indexes;
}

function flowStep(
  text: string,
  at: number,
  value: string,
  used: number,
  indexes: number[],
): { at: number; used: number } | undefined {
  if (text[at] === '\n' || text[at] === '\r') return foldFlow(text, at, value, used, indexes);
  if (value[used] === text[at]) {
    // A blank before a line break is dropped, and the break itself becomes the space.
    if ((text[at] === ' ' || text[at] === '\t') && /^[ \t]*\r?\n/.test(text.slice(at, at + 512))) {
      return { at: at + 1, used };
    }
    indexes.push(at);
    return { at: at + 1, used: used + 1 };
  }
  if (text[at] === ' ' || text[at] === '\t') return { at: at + 1, used };
  return undefined;
}

/** Line breaks inside flow scalars: one becomes a space, n + 1 become n line feeds. */
function foldFlow(
  text: string,
  start: number,
  value: string,
  usedBefore: number,
  indexes: number[],
): { at: number; used: number } | undefined {
  let breaks = 0;
  let at = start;
  while (text[at] === '\n' || text[at] === '\r' || text[at] === ' ' || text[at] === '\t') {
    if (text[at] === '\n') breaks++;
    at++;
  }
  let used = usedBefore;
  const expected = breaks <= 1 ? ' ' : '\n'.repeat(breaks - 1);
  if (!value.startsWith(expected, used)) return undefined;
  for (let i = 0; i < expected.length; i++) indexes.push(start);
  used += expected.length;
  return { at, used };
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
}

function startsOfLines(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function position(lineStarts: readonly number[], index: number): Position {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lineStarts[middle]! <= index) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: index - lineStarts[low]! + 1 };
}
