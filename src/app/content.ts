import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Reason } from '../model/index.ts';

export type Content =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: Reason; readonly detail: string };

/** Reads files one after another into one buffer: the bytes of a file are valid until the next one is read. */
export type ContentReader = (path: string) => Content;

const FIRST_SIZE = 1 << 18;

/** `limit` in bytes: what is longer is not read at all. */
export function createContentReader(limit: number): ContentReader {
  let buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  return (path) => {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (error) {
      return unreadable(error);
    }
    try {
      const { size } = fstatSync(descriptor);
      if (size > limit) return tooLarge(`${size} bytes`, limit);
      // One byte more than the size shows a file that grew, without a second look.
      if (size >= buffer.length) buffer = Buffer.allocUnsafeSlow(size + 1);
      let length = 0;
      for (;;) {
        const read = readSync(descriptor, buffer, length, buffer.length - length, -1);
        length += read;
        // Files of /proc and the like have no size: they end where a read brings nothing.
        if (read === 0 || (length === size && size > 0)) break;
        if (length > limit) return tooLarge(`more than ${limit} bytes`, limit);
        if (length === buffer.length) buffer = grown(buffer);
      }
      return { ok: true, bytes: buffer.subarray(0, length) };
    } catch (error) {
      return unreadable(error);
    } finally {
      closeSync(descriptor);
    }
  };
}

/** All of standard input, up to the limit. */
export function readStandardInput(limit: number): Content {
  let buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  let length = 0;
  try {
    for (;;) {
      const read = readChunk(buffer, length);
      if (read === 0) return { ok: true, bytes: buffer.subarray(0, length) };
      length += read;
      if (length > limit) return tooLarge(`more than ${limit} bytes`, limit);
      if (length === buffer.length) buffer = grown(buffer);
    }
  } catch (error) {
    return unreadable(error);
  }
}

function readChunk(buffer: Buffer, length: number): number {
  for (;;) {
    try {
      return readSync(0, buffer, length, buffer.length - length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      // The writer at the other end has nothing yet.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function grown(buffer: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafeSlow(buffer.length * 2);
  buffer.copy(larger);
  return larger;
}

function tooLarge(found: string, limit: number): Content {
  return { ok: false, reason: 'too-large', detail: `${found}; the limit is ${limit} bytes` };
}

const SAYS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  ENOENT: 'there is no such file',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
};

function unreadable(error: unknown): Content {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  return { ok: false, reason: 'unreadable-file', detail: SAYS[code] ?? `the system says ${code}` };
}
