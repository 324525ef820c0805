/**
 * Text from the input in Markdown as GitHub and GitLab read it: it stays text. Nothing in a name or a message becomes a
 * heading, a link, HTML, a mention that notifies somebody, a reference to an issue, or a quick action.
 */
import { escapeHtml } from './html-text.ts';
import { plain } from './text.ts';

/** What makes references of words: `@user`, `#12`, GitLab's `!12`, `~label`, `%milestone`, `$snippet`, `&epic`, and addresses. */
const REFERENCE = /[@#!~%$&^](?=[\p{L}\p{N}_"])|:(?=\/\/)|(?<=www)(?=\.)|(?<=GH)(?=-\d)/giu;
/** What CommonMark and its extensions give a meaning in the middle of a line. */
const MARKUP = /[\\`*_{}[\]#!|~$^@]/g;
/** Stands for {@link NOTHING} until the rest is escaped: printable text does not hold it. */
const GAP = '\0';
/** A zero-width space: shows nothing, and keeps two characters from meaning something together. */
const NOTHING = '&#8203;';

/** For the middle of a line. */
export function prose(text: string): string {
  return withGaps(text)
    .replace(MARKUP, (char) => `\\${char}`)
    .replace(/[<>&]/g, escapeHtml)
    .replaceAll(GAP, NOTHING);
}

/** For a line of its own: also nothing that means something where a line begins. */
export function proseLine(text: string): string {
  return prose(text).replace(/^(?:[-+=/]|\d+(?=[.)]))/, (start) =>
    /\d/.test(start) ? `${start}\\` : `\\${start}`,
  );
}

/** A code span: whatever it holds, it is shown letter by letter. */
export function code(text: string): string {
  const shown = plain(text);
  const runs = (shown.match(/`+/g) ?? []).map(({ length }) => length);
  const fence = '`'.repeat(firstFree(runs));
  const pad = /^[` ]|[` ]$/.test(shown) || shown === '' ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** A block of code; the fence is longer than any in it. */
export function codeBlock(lines: readonly string[], indent: string): string[] {
  const longest = Math.max(
    2,
    ...lines.flatMap((line) => (line.match(/`+/g) ?? []).map(({ length }) => length)),
  );
  const fence = '`'.repeat(longest + 1);
  return [`${fence}`, ...lines, fence].map((line) => `${indent}${line}`.trimEnd());
}

/** For HTML within Markdown, where GitHub and GitLab look for references too. */
export function htmlProse(text: string): string {
  return escapeHtml(withGaps(text)).replaceAll(GAP, NOTHING);
}

function withGaps(text: string): string {
  return plain(text).replace(REFERENCE, (char) => char + GAP);
}

function firstFree(lengths: readonly number[]): number {
  let length = 1;
  while (lengths.includes(length)) length++;
  return length;
}
