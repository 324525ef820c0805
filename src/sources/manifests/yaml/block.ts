/** Literal (`|`) and folded (`>`) block scalars. */
import { afterBreak, breakText, HASH, isBlank, isBreak, SPACE, TAB } from './chars.ts';
import { fail, type Scanner } from './state.ts';
import { push, STYLE, scalarAux, TOKEN } from './tokens.ts';

export function scanBlockScalar(s: Scanner, literal: boolean): boolean {
  const start = s.at++;
  const { chomp, increment } = readHeader(s);
  const indent = increment === 0 ? 0 : Math.max(s.indent, 0) + increment;
  const value = readLines(s, indent, literal, chomp);
  const style = literal ? STYLE.LITERAL : STYLE.FOLDED;
  push(s.tokens, TOKEN.SCALAR, start, s.at, scalarAux(s.tokens, style, value));
  return true;
}

/** `-` and `+` say what becomes of trailing line breaks, a digit how deep the text is indented; either may come first. */
function readHeader(s: Scanner): { chomp: number; increment: number } {
  let chomp = 0;
  let increment = 0;
  for (let count = 0; count < 2; count++) {
    const character = s.text[s.at]!;
    if (chomp === 0 && (character === '+' || character === '-')) chomp = character === '+' ? 1 : -1;
    else if (increment === 0 && character >= '0' && character <= '9') {
      increment = Number(character);
      if (increment === 0) throw fail(s, 'the indentation of a block text is at least 1');
    } else break;
    s.at++;
  }
  while (isBlank(s.text.charCodeAt(s.at))) s.at++;
  if (s.text.charCodeAt(s.at) === HASH) while (!isBreakOrEnd(s.text.charCodeAt(s.at))) s.at++;
  if (!isBreakOrEnd(s.text.charCodeAt(s.at)))
    throw fail(s, 'nothing may follow the mark of a block text on its line');
  if (isBreak(s.text.charCodeAt(s.at))) nextLine(s);
  return { chomp, increment };
}

function readLines(s: Scanner, given: number, literal: boolean, chomp: number): string {
  const { text } = s;
  let value = '';
  let lastBreak = '';
  let wasIndented = false;
  const first = readBreaks(s, given);
  const { indent } = first;
  let { breaks } = first;
  while (s.at - s.lineStart === indent && text.charCodeAt(s.at) !== 0) {
    const isIndented = isBlank(text.charCodeAt(s.at));
    if (!literal && lastBreak === '\n' && !wasIndented && !isIndented) {
      if (breaks === '') value += ' ';
    } else value += lastBreak;
    value += breaks;
    wasIndented = isIndented;
    const from = s.at;
    while (!isBreakOrEnd(text.charCodeAt(s.at))) s.at++;
    value += text.slice(from, s.at);
    lastBreak = '';
    if (isBreak(text.charCodeAt(s.at))) {
      lastBreak = breakText(text, s.at);
      nextLine(s);
    }
    breaks = readBreaks(s, indent).breaks;
  }
  if (chomp !== -1) value += lastBreak;
  return chomp === 1 ? value + breaks : value;
}

/** Eats indentation and empty lines. `given` 0: the deepest indentation met on the way is the one of the text. */
function readBreaks(s: Scanner, given: number): { indent: number; breaks: string } {
  const { text } = s;
  let breaks = '';
  let deepest = 0;
  for (;;) {
    while ((given === 0 || s.at - s.lineStart < given) && text.charCodeAt(s.at) === SPACE) s.at++;
    const column = s.at - s.lineStart;
    if (column > deepest) deepest = column;
    if ((given === 0 || column < given) && text.charCodeAt(s.at) === TAB)
      throw fail(s, 'a tab may not indent');
    if (!isBreak(text.charCodeAt(s.at))) break;
    breaks += breakText(text, s.at);
    nextLine(s);
  }
  return { indent: given === 0 ? Math.max(deepest, s.indent + 1, 1) : given, breaks };
}

function nextLine(s: Scanner): void {
  s.at = afterBreak(s.text, s.at);
  s.lineStart = s.at;
}

function isBreakOrEnd(code: number): boolean {
  return code === 0 || isBreak(code);
}
