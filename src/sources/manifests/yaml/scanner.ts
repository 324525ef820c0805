/**
 * Text to tokens by the rules of libyaml's scanner, which go-yaml v2 and so Kubernetes use: YAML 1.1, with libyaml's own
 * leniencies. A YAML 1.2 parser reads some of what stands in manifests differently, or not at all.
 *
 * A key is only known when its `:` comes, so the tokens KEY and BLOCK_MAPPING_START are put before it afterwards: every
 * token that may begin such a "simple key" is remembered, one a flow level.
 */
import { ConstructError } from '../fault.ts';
import { scanBlockScalar } from './block.ts';
import {
  APOSTROPHE,
  afterBreak,
  COLON,
  DASH,
  DOT,
  HASH,
  isBlankEnd,
  isBreak,
  isDocumentIndicator,
  QUESTION,
  QUOTE,
  SPACE,
  TAB,
} from './chars.ts';
import { scanPlain } from './plain.ts';
import { scanAnchor, scanTag } from './properties.ts';
import { scanQuoted } from './quoted.ts';
import { fail, noKey, type Scanner, type SimpleKey } from './state.ts';
import { insert, push, reset, TOKEN, type Tokens } from './tokens.ts';

/**
 * Scans the first document of a text that ends with U+0000. Returns where scanning stopped: at the end, or behind the
 * mark that ends the first document. What cannot be scanned ends in an ERROR token.
 */
export function scan(
  text: string,
  from: number,
  tokens: Tokens,
  maximumDepth: number,
  isJson: boolean,
): number {
  const scanner: Scanner = {
    text,
    tokens,
    maximumDepth,
    isJson,
    at: from,
    lineStart: from,
    indent: -1,
    indents: [],
    flowLevel: 0,
    keyAllowed: true,
    keys: [noKey()],
  };
  reset(tokens);
  try {
    while (scanToken(scanner)) {
      // Each round adds at least one token.
    }
  } catch (error) {
    if (!(error instanceof ConstructError)) throw error;
    // It counts only if the document reaches that far: go-yaml scans no further than it must.
    if (error.code === 'too-large') throw error;
    tokens.error = error;
    push(tokens, TOKEN.ERROR, error.offset, error.offset, 0);
  }
  return scanner.at;
}

/** False at the end. */
function scanToken(s: Scanner): boolean {
  skipToToken(s);
  expireKey(s);
  const { text, at } = s;
  const column = at - s.lineStart;
  if (s.flowLevel === 0 && s.indent > column) unrollIndent(s, column);
  const code = text.charCodeAt(at);
  if (column === 0 && (code === DASH || code === DOT) && isDocumentIndicator(text, at))
    return scanDocumentMark(s, code);
  switch (code) {
    case 0:
      return scanEnd(s);
    case 0x25: // %
      if (column === 0) {
        unrollIndent(s, -1);
        throw fail(s, 'a directive is only allowed right before ---, where the document is cut off');
      }
      break;
    case 0x5b:
      return openFlow(s, TOKEN.FLOW_SEQUENCE_START);
    case 0x7b:
      return openFlow(s, TOKEN.FLOW_MAPPING_START);
    case 0x5d:
      return closeFlow(s, TOKEN.FLOW_SEQUENCE_END);
    case 0x7d:
      return closeFlow(s, TOKEN.FLOW_MAPPING_END);
    case 0x2c:
      return scanFlowEntry(s);
    case DASH:
      if (isBlankEnd(text.charCodeAt(at + 1))) return scanBlockEntry(s);
      return plain(s);
    case QUESTION:
      if (s.flowLevel > 0 || isBlankEnd(text.charCodeAt(at + 1))) return scanKey(s);
      return plain(s);
    case COLON:
      if (s.flowLevel > 0 || isBlankEnd(text.charCodeAt(at + 1))) return scanValue(s);
      return plain(s);
    case 0x2a: // *
      saveKey(s);
      s.keyAllowed = false;
      return scanAnchor(s, TOKEN.ALIAS);
    case 0x26: // &
      saveKey(s);
      s.keyAllowed = false;
      return scanAnchor(s, TOKEN.ANCHOR);
    case 0x21: // !
      saveKey(s);
      s.keyAllowed = false;
      return scanTag(s);
    case 0x7c: // |
    case 0x3e: // >
      if (s.flowLevel > 0) break;
      removeKey(s);
      s.keyAllowed = true;
      return scanBlockScalar(s, code === 0x7c);
    case APOSTROPHE:
    case QUOTE:
      saveKey(s);
      s.keyAllowed = false;
      return scanQuoted(s, code);
    case HASH:
    case TAB:
    case 0x40: // @
    case 0x60: // `
      break;
    default:
      return plain(s);
  }
  throw fail(s, code === TAB ? 'a tab may not indent' : `${JSON.stringify(text[at])} can begin no value`);
}

function plain(s: Scanner): boolean {
  saveKey(s);
  s.keyAllowed = false;
  return scanPlain(s);
}

/** Moves past white space and comments. Tabs count as space only where no key can begin. */
function skipToToken(s: Scanner): void {
  const { text } = s;
  let at = s.at;
  for (;;) {
    let code = text.charCodeAt(at);
    while (code === SPACE || (code === TAB && (s.flowLevel > 0 || !s.keyAllowed)))
      code = text.charCodeAt(++at);
    if (code === HASH) {
      while (code !== 0 && !isBreak(code)) code = text.charCodeAt(++at);
    }
    if (!isBreak(code)) break;
    at = afterBreak(text, at);
    s.lineStart = at;
    if (s.flowLevel === 0) s.keyAllowed = true;
  }
  s.at = at;
}

function scanEnd(s: Scanner): boolean {
  unrollIndent(s, -1);
  removeKey(s);
  push(s.tokens, TOKEN.STREAM_END, s.at, s.at, 0);
  return false;
}

function scanDocumentMark(s: Scanner, code: number): boolean {
  unrollIndent(s, -1);
  removeKey(s);
  s.keyAllowed = false;
  const type = code === DASH ? TOKEN.DOCUMENT_START : TOKEN.DOCUMENT_END;
  const isFirst = s.tokens.count === 0;
  push(s.tokens, type, s.at, s.at + 3, 0);
  // Only the mark that opens the first document is followed by anything that is read.
  if (isFirst && type === TOKEN.DOCUMENT_START) {
    s.at += 3;
    return true;
  }
  if (type === TOKEN.DOCUMENT_END) s.at += 3;
  return false;
}

function openFlow(s: Scanner, type: number): boolean {
  saveKey(s);
  s.flowLevel++;
  if (s.flowLevel > s.maximumDepth) throw tooDeep(s);
  if (s.keys.length === s.flowLevel) s.keys.push(noKey());
  else s.keys[s.flowLevel]!.possible = false;
  s.keyAllowed = true;
  push(s.tokens, type, s.at, ++s.at, 0);
  return true;
}

function closeFlow(s: Scanner, type: number): boolean {
  removeKey(s);
  if (s.flowLevel > 0) s.flowLevel--;
  s.keyAllowed = false;
  push(s.tokens, type, s.at, ++s.at, 0);
  return true;
}

function scanFlowEntry(s: Scanner): boolean {
  removeKey(s);
  s.keyAllowed = true;
  push(s.tokens, TOKEN.FLOW_ENTRY, s.at, ++s.at, 0);
  return true;
}

function scanBlockEntry(s: Scanner): boolean {
  if (s.flowLevel === 0) {
    if (!s.keyAllowed) throw fail(s, 'a list item may not begin here');
    rollIndent(s, s.at - s.lineStart, -1, TOKEN.BLOCK_SEQUENCE_START, s.at);
  }
  removeKey(s);
  s.keyAllowed = true;
  push(s.tokens, TOKEN.BLOCK_ENTRY, s.at, ++s.at, 0);
  return true;
}

function scanKey(s: Scanner): boolean {
  if (s.flowLevel === 0) {
    if (!s.keyAllowed) throw fail(s, 'a key may not begin here');
    rollIndent(s, s.at - s.lineStart, -1, TOKEN.BLOCK_MAPPING_START, s.at);
  }
  removeKey(s);
  s.keyAllowed = s.flowLevel === 0;
  push(s.tokens, TOKEN.KEY, s.at, ++s.at, 0);
  return true;
}

function scanValue(s: Scanner): boolean {
  const key = s.keys[s.flowLevel]!;
  if (key.possible) {
    insert(s.tokens, key.token, TOKEN.KEY, key.at);
    rollIndent(s, key.at - key.lineStart, key.token, TOKEN.BLOCK_MAPPING_START, key.at);
    key.possible = false;
    s.keyAllowed = false;
  } else {
    if (s.flowLevel === 0) {
      if (!s.keyAllowed)
        throw fail(s, 'a mapping may not begin here; quote the text if the colon belongs to it');
      rollIndent(s, s.at - s.lineStart, -1, TOKEN.BLOCK_MAPPING_START, s.at);
    }
    s.keyAllowed = s.flowLevel === 0;
  }
  push(s.tokens, TOKEN.VALUE, s.at, ++s.at, 0);
  return true;
}

/** A deeper column opens a block collection. `index`: the token to put its start before, or -1. */
function rollIndent(s: Scanner, column: number, index: number, type: number, at: number): void {
  if (s.flowLevel > 0 || s.indent >= column) return;
  s.indents.push(s.indent);
  s.indent = column;
  if (s.indents.length > s.maximumDepth) throw tooDeep(s);
  if (index === -1) push(s.tokens, type, at, at, 0);
  else insert(s.tokens, index, type, at);
}

/** Closes the block collections that are deeper than the column. */
function unrollIndent(s: Scanner, column: number): void {
  if (s.flowLevel > 0) return;
  while (s.indent > column) {
    push(s.tokens, TOKEN.BLOCK_END, s.at, s.at, 0);
    s.indent = s.indents.pop()!;
  }
}

function saveKey(s: Scanner): void {
  if (!s.keyAllowed) return;
  removeKey(s);
  const key = s.keys[s.flowLevel]!;
  key.possible = true;
  key.required = s.flowLevel === 0 && s.indent === s.at - s.lineStart;
  key.token = s.tokens.count;
  key.at = s.at;
  key.lineStart = s.lineStart;
}

function removeKey(s: Scanner): void {
  const key = s.keys[s.flowLevel]!;
  if (key.possible && key.required) throw noColon(key);
  key.possible = false;
}

/** A simple key ends on its line and within 1024 characters. */
function expireKey(s: Scanner): void {
  const key = s.keys[s.flowLevel]!;
  if (!key.possible || (key.lineStart === s.lineStart && key.at + 1024 >= s.at)) return;
  if (key.required) throw noColon(key);
  key.possible = false;
}

function noColon(key: SimpleKey): ConstructError {
  return new ConstructError('syntax', 'a key must be followed by a colon', key.at);
}

function tooDeep(s: Scanner): ConstructError {
  return new ConstructError('too-large', `nested deeper than ${s.maximumDepth}`, s.at);
}
