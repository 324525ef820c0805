/** Objects as YAML that people read: keys in their order, expressions in blocks, quotes only where they are needed. */

import { plain, plainJson } from './text.ts';

const WIDTH = 100;

/** Documents, one after another. */
export function yamlDocuments(documents: readonly unknown[]): string {
  return documents.map((document) => yamlText(document)).join('---\n');
}

/** One value; the text ends its line. */
export function yamlText(value: unknown): string {
  return `${write(value, 0).trimStart()}\n`;
}

/** With what stands between a key and its value: a space, or the line end and indentation of a block. */
function write(value: unknown, indent: number): string {
  if (Array.isArray(value)) return value.length === 0 ? ' []' : list(value, indent);
  if (value instanceof Number) return ` ${Number.isInteger(Number(value)) ? `${value}.0` : value}`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, field]) => field !== undefined);
    return entries.length === 0 ? ' {}' : map(entries, indent);
  }
  return typeof value === 'string' ? text(value, indent) : ` ${String(value)}`;
}

function map(entries: readonly (readonly [string, unknown])[], indent: number): string {
  const pad = ' '.repeat(indent);
  return entries.map(([key, value]) => `\n${pad}${scalar(key)}:${write(value, indent + 2)}`).join('');
}

function list(items: readonly unknown[], indent: number): string {
  const pad = ' '.repeat(indent);
  if (items.every(isShort)) {
    const line = ` [${items.map((item) => write(item, 0).trim()).join(', ')}]`;
    if (line.length + indent < WIDTH - 10) return line;
  }
  return items.map((item) => `\n${pad}-${inItem(write(item, indent + 2), indent)}`).join('');
}

function isShort(item: unknown): boolean {
  if (typeof item === 'string') return !/[,[\]{}\n]/.test(item);
  return typeof item === 'number' || typeof item === 'boolean';
}

/** The first key of a map stands beside the dash. */
function inItem(written: string, indent: number): string {
  const start = `\n${' '.repeat(indent + 2)}`;
  return written.startsWith(start) ? ` ${written.slice(start.length)}` : written;
}

function text(value: string, indent: number): string {
  const pad = ' '.repeat(Math.max(2, indent));
  if (isBlock(value)) {
    const chomp = value.endsWith('\n') ? '' : '-';
    const lines = value.replace(/\n$/, '').split('\n');
    return ` |${chomp}${lines.map((line) => (line === '' ? '\n' : `\n${pad}${line}`)).join('')}`;
  }
  const short = scalar(value);
  if (short.length + indent <= WIDTH || !isFoldable(value)) return ` ${short}`;
  return ` >-${folded(value, WIDTH - pad.length)
    .map((line) => `\n${pad}${line}`)
    .join('')}`;
}

/** Several lines that a block can hold as they are. */
function isBlock(value: string): boolean {
  return /^\S[^\r\t]*$/.test(value) && value.includes('\n') && !/[ \n]\n$| \n|[^\P{Cc}\n]/u.test(value);
}

function isFoldable(value: string): boolean {
  return /^\S.*\S$/.test(value) && value.includes(' ') && !/\p{Cc}/u.test(value);
}

/** Lines broken at single spaces, which folding gives back. */
function folded(value: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of value.split(/(?<=\S) (?=\S)/)) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

const WORDS = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** Begins with a letter, holds neither `: ` nor ` #`, and ends with something. */
const PLAIN = /^[A-Za-z](?:(?:[^\p{Cc}\p{Zl}\p{Zp}:#]|:(?=\S)|(?<=\S)#)*(?:[^\p{C}\p{Z}:#]|(?<=\S)#))?$/u;

function scalar(value: string): string {
  if (PLAIN.test(value) && !WORDS.test(value)) return value;
  return /["\\]/.test(value) && plain(value) === value
    ? `'${value.replaceAll("'", "''")}'`
    : plainJson(value);
}
