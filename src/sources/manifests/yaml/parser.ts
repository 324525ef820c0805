/**
 * Tokens to events: libyaml's grammar (parserc.go of go-yaml v2), written as functions that call each other instead of
 * a table of states. Only the first document of a text is parsed, as go-yaml does.
 */
import { ConstructError } from '../fault.ts';
import { isBlankEnd } from './chars.ts';
import { add, clear, EVENT, type Events } from './events.ts';
import { scan } from './scanner.ts';
import { createTokens, STRIDE, STYLE, TOKEN, type Tokens } from './tokens.ts';

interface Parser {
  readonly tokens: Tokens;
  readonly events: Events;
  readonly maximumDepth: number;
  /** Index of the next token. */
  at: number;
  depth: number;
}

const shared = createTokens();

/**
 * Parses the first document of `text[start, end)` into `events`, replacing what they held; none are left for an empty
 * text. Offsets count from `start`. `isJson`: the text was read as JSON before. Throws {@link ConstructError}.
 */
export function parse(
  text: string,
  start: number,
  end: number,
  maximumDepth: number,
  events: Events,
  isJson = false,
): void {
  // kubectl reads line by line and ends the last one, too.
  const source = `${text.slice(start, end)}${text.charCodeAt(end - 1) === 0x0a ? '\0' : '\n\0'}`;
  const from = source.charCodeAt(0) === 0xfeff ? 1 : 0;
  const stopped = scan(source, from, shared, maximumDepth, isJson);
  clear(events, source, shared.texts);
  const parser: Parser = { tokens: shared, events, maximumDepth, at: 0, depth: 0 };
  parseDocument(parser);
  events.leftOver = leftOver(parser, source, stopped);
}

function parseDocument(p: Parser): void {
  const first = type(p);
  if (first === TOKEN.STREAM_END) return;
  if (first === TOKEN.DOCUMENT_START) {
    p.at++;
    const next = type(p);
    if (next === TOKEN.DOCUMENT_START || next === TOKEN.DOCUMENT_END || next === TOKEN.STREAM_END) {
      empty(p);
      return;
    }
  }
  parseNode(p, true, false);
}

/** What stands behind the document: a token that did not fit, or text behind the mark of its end. */
function leftOver({ tokens, at }: Parser, source: string, stopped: number): number {
  const offset = at * STRIDE;
  const next = at < tokens.count ? tokens.data[offset]! : TOKEN.STREAM_END;
  if (next !== TOKEN.STREAM_END && next !== TOKEN.DOCUMENT_END) return tokens.data[offset + 1]!;
  for (let from = stopped; from < source.length; from++) {
    const code = source.charCodeAt(from);
    if (code === 0x23) while (!isBlankEnd(source.charCodeAt(from)) || isInLine(source, from)) from++;
    else if (code === 0x2e && source.startsWith('...', from)) from += 2;
    else if (!isBlankEnd(code) && code !== 0) return from;
  }
  return -1;
}

function isInLine(source: string, at: number): boolean {
  const code = source.charCodeAt(at);
  return code === 0x20 || code === 0x09;
}

function parseNode(p: Parser, inBlock: boolean, indentless: boolean): void {
  const { data } = p.tokens;
  let token = type(p);
  let offset = p.at * STRIDE;
  const at = data[offset + 1]!;
  if (token === TOKEN.SCALAR) {
    p.at++;
    add(p.events, EVENT.SCALAR, at, at, data[offset + 2]!, data[offset + 3]!);
    return;
  }
  if (token === TOKEN.ALIAS) {
    p.at++;
    add(p.events, EVENT.ALIAS, at, at, data[offset + 2]!, 0);
    return;
  }
  const index = p.events.count;
  const hasProperties = (token === TOKEN.ANCHOR || token === TOKEN.TAG) && readProperties(p, index);
  token = type(p);
  offset = p.at * STRIDE;
  if (indentless && token === TOKEN.BLOCK_ENTRY) {
    parseIndentlessSequence(p, at);
  } else if (token === TOKEN.SCALAR) {
    p.at++;
    add(p.events, EVENT.SCALAR, at, data[offset + 1]!, data[offset + 2]!, data[offset + 3]!);
  } else if (token === TOKEN.FLOW_SEQUENCE_START) {
    parseFlowSequence(p, at);
  } else if (token === TOKEN.FLOW_MAPPING_START) {
    parseFlowMapping(p, at);
  } else if (inBlock && token === TOKEN.BLOCK_SEQUENCE_START) {
    parseBlockSequence(p, at);
  } else if (inBlock && token === TOKEN.BLOCK_MAPPING_START) {
    parseBlockMapping(p, at);
  } else if (hasProperties) {
    add(p.events, EVENT.SCALAR, at, data[offset + 1]!, data[offset + 1]!, STYLE.EMPTY);
  } else {
    throw unexpected(p, 'a value is expected');
  }
}

/** An anchor and a tag in either order, for the event that comes next. */
function readProperties(p: Parser, index: number): true {
  const { data, texts } = p.tokens;
  const first = type(p);
  for (let count = 0; count < 2; count++) {
    const token = type(p);
    if (count === 1 && (token === first || (token !== TOKEN.ANCHOR && token !== TOKEN.TAG))) break;
    const offset = p.at++ * STRIDE;
    if (token === TOKEN.ANCHOR) {
      p.events.anchors ??= new Map();
      p.events.anchors.set(index, p.events.text.slice(data[offset + 1]! + 1, data[offset + 2]!));
    } else {
      p.events.tags ??= new Map();
      p.events.tags.set(index, texts[data[offset + 3]!]!);
    }
  }
  return true;
}

function parseBlockSequence(p: Parser, at: number): void {
  open(p, EVENT.SEQUENCE, at);
  p.at++;
  while (type(p) === TOKEN.BLOCK_ENTRY) {
    p.at++;
    const next = type(p);
    if (next === TOKEN.BLOCK_ENTRY || next === TOKEN.BLOCK_END) empty(p);
    else parseNode(p, true, false);
  }
  if (type(p) !== TOKEN.BLOCK_END) throw unexpected(p, 'a list item or the end of the list is expected');
  p.at++;
  close(p);
}

function parseIndentlessSequence(p: Parser, at: number): void {
  open(p, EVENT.SEQUENCE, at);
  while (type(p) === TOKEN.BLOCK_ENTRY) {
    p.at++;
    const next = type(p);
    if (next === TOKEN.BLOCK_ENTRY || isMappingToken(next)) empty(p);
    else parseNode(p, true, false);
  }
  close(p);
}

function parseBlockMapping(p: Parser, at: number): void {
  open(p, EVENT.MAPPING, at);
  p.at++;
  while (type(p) === TOKEN.KEY) {
    p.at++;
    if (isMappingToken(type(p))) empty(p);
    else parseNode(p, true, true);
    if (type(p) !== TOKEN.VALUE) {
      empty(p);
      continue;
    }
    p.at++;
    if (isMappingToken(type(p))) empty(p);
    else parseNode(p, true, true);
  }
  if (type(p) !== TOKEN.BLOCK_END) throw unexpected(p, 'a key or the end of the mapping is expected');
  p.at++;
  close(p);
}

function isMappingToken(token: number): boolean {
  return token === TOKEN.KEY || token === TOKEN.VALUE || token === TOKEN.BLOCK_END;
}

function parseFlowSequence(p: Parser, at: number): void {
  open(p, EVENT.SEQUENCE, at);
  p.at++;
  for (let first = true; type(p) !== TOKEN.FLOW_SEQUENCE_END; first = false) {
    if (!first) {
      if (type(p) !== TOKEN.FLOW_ENTRY) throw unexpected(p, 'a comma or ] is expected');
      p.at++;
    }
    if (type(p) === TOKEN.KEY) parseFlowPair(p);
    else if (type(p) !== TOKEN.FLOW_SEQUENCE_END) parseNode(p, false, false);
    else break;
  }
  p.at++;
  close(p);
}

/** `[a: b]`: a mapping of one pair. */
function parseFlowPair(p: Parser): void {
  open(p, EVENT.MAPPING, start(p));
  p.at++;
  if (isEndOfFlowItem(type(p)) || type(p) === TOKEN.VALUE) {
    empty(p);
    // libyaml steps over the token here, whatever it is.
    p.at++;
  } else parseNode(p, false, false);
  parseFlowValue(p, TOKEN.FLOW_SEQUENCE_END);
  close(p);
}

function parseFlowMapping(p: Parser, at: number): void {
  open(p, EVENT.MAPPING, at);
  p.at++;
  for (let first = true; type(p) !== TOKEN.FLOW_MAPPING_END; first = false) {
    if (!first) {
      if (type(p) !== TOKEN.FLOW_ENTRY) throw unexpected(p, 'a comma or } is expected');
      p.at++;
    }
    const token = type(p);
    if (token === TOKEN.KEY) {
      p.at++;
      const next = type(p);
      if (next === TOKEN.VALUE || next === TOKEN.FLOW_ENTRY || next === TOKEN.FLOW_MAPPING_END) empty(p);
      else parseNode(p, false, false);
      parseFlowValue(p, TOKEN.FLOW_MAPPING_END);
    } else if (token !== TOKEN.FLOW_MAPPING_END) {
      parseNode(p, false, false);
      empty(p);
    } else break;
  }
  p.at++;
  close(p);
}

function parseFlowValue(p: Parser, end: number): void {
  if (type(p) === TOKEN.VALUE) {
    p.at++;
    const next = type(p);
    if (next !== TOKEN.FLOW_ENTRY && next !== end) {
      parseNode(p, false, false);
      return;
    }
  }
  empty(p);
}

function isEndOfFlowItem(token: number): boolean {
  return token === TOKEN.FLOW_ENTRY || token === TOKEN.FLOW_SEQUENCE_END;
}

function open(p: Parser, event: number, at: number): void {
  if (++p.depth > p.maximumDepth) {
    throw new ConstructError('too-large', `nested deeper than ${p.maximumDepth}`, at);
  }
  add(p.events, event, at, at, at, 0);
}

function close(p: Parser): void {
  p.depth--;
  add(p.events, EVENT.POP, 0, 0, 0, 0);
}

/** A scalar that was not written, where the next token stands. */
function empty(p: Parser): void {
  const at = start(p);
  add(p.events, EVENT.SCALAR, at, at, at, STYLE.EMPTY);
}

/** Type of the next token. Past the last one there are only ends. */
function type(p: Parser): number {
  if (p.at >= p.tokens.count) return TOKEN.STREAM_END;
  const found = p.tokens.data[p.at * STRIDE]!;
  if (found === TOKEN.ERROR) throw p.tokens.error;
  return found;
}

function start(p: Parser): number {
  return p.tokens.data[Math.min(p.at, p.tokens.count - 1) * STRIDE + 1]!;
}

function unexpected(p: Parser, message: string): ConstructError {
  return new ConstructError('syntax', message, start(p));
}
