/** Plain scalars: unquoted, possibly over several lines. */
import {
  afterBreak,
  breakText,
  COLON,
  HASH,
  isBlank,
  isBlankEnd,
  isBreak,
  isDocumentIndicator,
  TAB,
} from './chars.ts';
import { fail, type Scanner } from './state.ts';
import { push, STYLE, scalarAux, TOKEN } from './tokens.ts';

/** Characters at which the inner loop stops to look: 1 blanks, breaks and the end; 2 a colon; 4 flow indicators. */
const STOP = new Uint8Array(128);
for (const character of ' \t\n\r\0') STOP[character.charCodeAt(0)] = 1;
STOP[COLON] = 2;
for (const character of ',?[]{}') STOP[character.charCodeAt(0)] = 4;

export function scanPlain(s: Scanner): boolean {
  const { text } = s;
  const inFlow = s.flowLevel > 0;
  const indent = s.indent + 1;
  const start = s.at;
  let at = start;
  let end = start;
  /** What was read, once it is no slice any more. */
  let folded: string | undefined;
  let afterLineBreak = false;
  let firstBreak = '';
  let furtherBreaks = '';
  for (;;) {
    if (at === s.lineStart && isDocumentIndicator(text, at)) break;
    if (text.charCodeAt(at) === HASH) break;
    const word = at;
    for (;;) {
      const code = text.charCodeAt(at);
      const stop = code < 128 ? STOP[code]! : isBreak(code) ? 1 : 0;
      if (stop === 0) at++;
      else if (stop === 1) break;
      else if (stop === 2 ? isBlankEnd(text.charCodeAt(at + 1)) : inFlow) break;
      else at++;
    }
    if (at > word) {
      if (afterLineBreak) {
        folded = (folded ?? text.slice(start, end)) + fold(firstBreak, furtherBreaks) + text.slice(word, at);
        afterLineBreak = false;
        firstBreak = furtherBreaks = '';
      } else if (folded !== undefined) {
        // With the blanks since the last word.
        folded += text.slice(end, at);
      }
      end = at;
    }
    if (!isBlankEnd(text.charCodeAt(at)) || text.charCodeAt(at) === 0) break;
    for (;;) {
      const code = text.charCodeAt(at);
      if (isBlank(code)) {
        if (code === TAB && afterLineBreak && at - s.lineStart < indent) {
          s.at = at;
          throw fail(s, 'a tab may not indent');
        }
        at++;
      } else if (isBreak(code)) {
        if (afterLineBreak) furtherBreaks += breakText(text, at);
        else firstBreak = breakText(text, at);
        afterLineBreak = true;
        at = afterBreak(text, at);
        s.lineStart = at;
      } else break;
    }
    if (!inFlow && at - s.lineStart < indent) break;
  }
  s.at = at;
  push(s.tokens, TOKEN.SCALAR, start, end, scalarAux(s.tokens, STYLE.PLAIN, folded));
  if (afterLineBreak) s.keyAllowed = true;
  return true;
}

/** A single line feed becomes a space, of several the first is dropped. */
export function fold(firstBreak: string, furtherBreaks: string): string {
  if (firstBreak !== '\n') return firstBreak + furtherBreaks;
  return furtherBreaks === '' ? ' ' : furtherBreaks;
}
