/**
 * Where things are in the text of an expression, and what is wrong there.
 *
 * Offsets count Unicode code points from 0, as cel-go counts. What people see (line, column, excerpt) is worked out
 * only when there is something to show.
 */

/** Closed list of what the parser and the checker find. */
const ISSUE_CODES = {
  syntax: 'The text is not a CEL expression.',
  limit: 'The expression is longer or deeper than allowed.',
  undeclared: 'A name or function is not declared here.',
  'no-overload': 'A function does not take arguments of these types.',
  'unknown-field': 'An object type has no such field.',
  type: 'An expression has a type that does not fit its place.',
  literal: 'A literal duration, timestamp or regular expression is not valid.',
} as const;

export type IssueCode = keyof typeof ISSUE_CODES;

export interface Issue {
  readonly code: IssueCode;
  readonly severity: 'error' | 'warning';
  /** Worded as cel-go words it, where cel-go has such a message. */
  readonly message: string;
  /** Code points from 0. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** The source line (cut to a window when long) and below it a caret. */
  readonly excerpt: string;
}

/** What an issue needs to know of the source. */
interface SourceText {
  readonly text: string;
}

export function createIssue(
  source: SourceText,
  offset: number,
  code: IssueCode,
  message: string,
  severity: 'error' | 'warning' = 'error',
): Issue {
  const { line, column } = lineAndColumn(source.text, offset);
  return { code, severity, message, offset, line, column, excerpt: excerpt(source.text, line, column) };
}

/** Stable order of issues: by place, then as found. */
export function sortIssues(issues: readonly Issue[]): Issue[] {
  return issues.toSorted((a, b) => a.offset - b.offset);
}

/** `ERROR: <input>:1:5: message` with the excerpt below, as cel-go displays it. */
export function formatIssue(issue: Issue, description = '<input>'): string {
  const indented = issue.excerpt.replaceAll(/^/gm, ' | ');
  const severity = issue.severity === 'error' ? 'ERROR' : 'WARNING';
  return `${severity}: ${description}:${issue.line}:${issue.column}: ${issue.message}\n${indented}`;
}

/** Line and column (from 1, UTF-16 units) of an offset in code points; past the end means the end. */
function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const index = indexOfOffset(text, offset);
  const lineStart = text.lastIndexOf('\n', index - 1) + 1;
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < lineStart; at = text.indexOf('\n', at + 1)) line++;
  return { line, column: index - lineStart + 1 };
}

/** UTF-16 index of an offset in code points. */
export function indexOfOffset(text: string, offset: number): number {
  let index = 0;
  for (let left = offset; left > 0 && index < text.length; left--) {
    index += isSurrogatePair(text, index) ? 2 : 1;
  }
  return index;
}

/** Whether one code point takes the two UTF-16 units from `index`. */
export function isSurrogatePair(text: string, index: number): boolean {
  const high = text.charCodeAt(index);
  if (high < 0xd800 || high > 0xdbff) return false;
  const low = text.charCodeAt(index + 1);
  return low >= 0xdc00 && low <= 0xdfff;
}

/** Number of code points of a well-formed string. */
export function codePointCount(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    if (isSurrogatePair(text, i)) {
      count--;
      i++;
    }
  }
  return count;
}

const WINDOW = 100;

/** The line with a caret under the column; a window of it when the line is long. */
function excerpt(text: string, line: number, column: number): string {
  const whole = text.split('\n', line)[line - 1] ?? '';
  const from = whole.length <= WINDOW ? 0 : windowStart(whole, column);
  const to = whole.length <= WINDOW ? whole.length : Math.min(whole.length, from + WINDOW);
  const before = (from > 0 ? '…' : '') + visible(whole.slice(from, column - 1));
  const after = visible(whole.slice(column - 1, to)) + (to < whole.length ? '…' : '');
  return `${before}${after}\n${blank(before)}^`;
}

function windowStart(line: string, column: number): number {
  const start = Math.max(0, Math.min(column - 1 - WINDOW / 2, line.length - WINDOW));
  return start > 0 && isSurrogatePair(line, start - 1) ? start + 1 : start;
}

/** Control and direction-changing characters would garble the terminal or the line: shown as a replacement character. */
function visible(text: string): string {
  return text.replaceAll(
    /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    '\ufffd',
  );
}

/** White space as wide as the text: tabs stay tabs, wide characters take two columns, combining marks none. */
function blank(text: string): string {
  let out = '';
  for (const char of text) {
    if (char === '\t') out += '\t';
    else if (/\p{Mn}|\u200d|\ufe0f/u.test(char)) out += '';
    else out += isWide(char) ? '  ' : ' ';
  }
  return out;
}

function isWide(char: string): boolean {
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
    char,
  );
}
