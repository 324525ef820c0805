/** Anchors, aliases and tags. */
import { isBlankEnd } from './chars.ts';
import { fail, type Scanner } from './state.ts';
import { push, TOKEN } from './tokens.ts';

const NAME = /[0-9A-Za-z_-]*/y;

/** Also for aliases. The token spans the indicator and the name. */
export function scanAnchor(s: Scanner, type: number): boolean {
  const start = s.at;
  const end = endOf(NAME, s.text, start + 1);
  const next = s.text.charCodeAt(end);
  if (end === start + 1 || !(isBlankEnd(next) || '?:,]}%@`'.includes(s.text[end]!))) {
    throw fail(s, 'the name of an anchor holds letters, digits, - and _ only');
  }
  s.at = end;
  push(s.tokens, type, start, end, 0);
  return true;
}

const HANDLE = /![0-9A-Za-z_-]*!?/y;
const URI = /(?:[0-9A-Za-z_\-;/?:@&=+$,.!~*'()[\]]|%[0-9A-Fa-f]{2})*/y;
const CORE = 'tag:yaml.org,2002:';

/** The token's aux is the place of the full tag in the texts; `!` stands for itself. */
export function scanTag(s: Scanner): boolean {
  const start = s.at;
  const tag = s.text[start + 1] === '<' ? verbatim(s) : shorthand(s);
  if (!isBlankEnd(s.text.charCodeAt(s.at))) throw fail(s, 'a tag must be followed by a space');
  push(s.tokens, TOKEN.TAG, start, s.at, s.tokens.texts.push(tag) - 1);
  return true;
}

function verbatim(s: Scanner): string {
  s.at += 2;
  const uri = readUri(s);
  if (uri === '') throw fail(s, 'a tag is expected');
  if (s.text[s.at] !== '>') throw fail(s, 'a verbatim tag must end with >');
  s.at++;
  return uri;
}

function shorthand(s: Scanner): string {
  const end = endOf(HANDLE, s.text, s.at);
  const handle = s.text.slice(s.at, end);
  s.at = end;
  if (handle.length === 1 || !handle.endsWith('!')) return handle + readUri(s);
  const suffix = readUri(s);
  if (suffix === '') throw fail(s, 'a tag is expected');
  // %TAG could define others, but a directive never stands in the same document as its ---.
  if (handle !== '!!') throw fail(s, `the tag handle ${handle} is not defined`);
  return CORE + suffix;
}

function readUri(s: Scanner): string {
  const end = endOf(URI, s.text, s.at);
  const raw = s.text.slice(s.at, end);
  s.at = end;
  if (!raw.includes('%')) return raw;
  try {
    return decodeURIComponent(raw);
  } catch {
    throw fail(s, 'the tag holds an escape that is no UTF-8');
  }
}

function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  pattern.test(text);
  return Math.max(pattern.lastIndex, from);
}
