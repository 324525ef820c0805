/** Bytes to text, and offsets of a text to lines and columns. */
import { isUtf8 } from 'node:buffer';

/** The text of a file without its byte order mark; undefined when the bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = stripMark(buffer.toString('utf8'));
  // Only a replacement character can stem from a broken sequence.
  return text.includes('\ufffd') && !isUtf8(buffer) ? undefined : text;
}

export function stripMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** Line and column from 1, the column in UTF-16 units. `known`: the start of a line at or before the offset. */
export function positionOf(
  text: string,
  offset: number,
  known: { readonly offset: number; readonly line: number } = { offset: 0, line: 1 },
): { line: number; column: number } {
  let line = known.line;
  let lineStart = known.offset;
  for (let at = lineStart; at < offset; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a)) {
      line++;
      lineStart = at + 1;
    }
  }
  return { line, column: offset - lineStart + 1 };
}

/** Offsets at which lines begin; CR, LF and CRLF end one. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a)) starts.push(at + 1);
  }
  return starts;
}
