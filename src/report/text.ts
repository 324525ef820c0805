/**
 * Text from the input, made fit to print: nothing in a file name, an object or a policy may move the cursor, change
 * colours, reorder what is read (bidirectional overrides) or hide (zero width).
 */

/** C0, DEL, C1, lone surrogates, all that Unicode shows as nothing (bidi controls, zero width, tags), line separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]/gu;

/** Nearly every line is printable ASCII: no need to look at its code points. */
const ASCII = /^[ -~]*$/;

/**
 * What a CI system takes for an order to itself when it reads it in a build's log: `::error ...::` at the start of a line,
 * `##[group]` and `##vso[...]` anywhere. A text must not end annotations, add a masked word or set a variable.
 */
const LOG_COMMAND = /::(?=[a-z][a-z-]*(?:::| ))|##(?=[a-z.-]*\[)/gi;

/** Every unprintable code point as `\u{hex}`; tabs, which are harmless, as one space. */
export function plain(text: string): string {
  const printable = ASCII.test(text)
    ? text
    : text.replace(UNPRINTABLE, (char) => (char === '\t' ? ' ' : escaped(char)));
  if (!printable.includes('::') && !printable.includes('##')) return printable;
  return printable.replace(LOG_COMMAND, ([first, second]) => escaped(first!) + second);
}

function escaped(char: string): string {
  return `\\u{${char.codePointAt(0)!.toString(16)}}`;
}

/** The same for text in paragraphs: line ends stay line ends. */
export function plainLines(text: string): string[] {
  return text
    .trimEnd()
    .split(/\r\n|\n|\r/)
    .map(plain);
}

/** JSON text with every unprintable code point inside strings written as `\uXXXX`: the value stays what it was. */
export function plainJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent)
    .replace(UNPRINTABLE, (char) =>
      char === '\n'
        ? char
        : [...Array(char.length).keys()]
            .map((index) => `\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`)
            .join(''),
    )
    .replace(/##(?=[a-z.-]*\[)/gi, '\\u0023#');
}

/** Columns that text takes in a terminal: East Asian wide and emoji two, combining marks none. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += /\p{Mn}|\p{Me}/u.test(char) ? 0 : isWide(char.codePointAt(0)!) ? 2 : 1;
  return width;
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115e) ||
    (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff01 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}

/** Cuts text into lines of at most `width` columns, at spaces where there are any; already printable. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter((part) => part !== '')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (displayWidth(line) > width) {
      const head = cutTo(line, width);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** The longest beginning of text that takes at most `width` columns; at least one code point. */
export function cutTo(text: string, width: number): string {
  let used = 0;
  let end = 0;
  for (const char of text) {
    used += displayWidth(char);
    if (used > width && end > 0) break;
    end += char.length;
  }
  return text.slice(0, end);
}

/** `1 file`, `1,204 passes`. */
export function many(count: number, one: string, more = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : more}`;
}

/** `12,345`. Not by `toLocaleString`: loading the locale's data takes longer than a small scan. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
