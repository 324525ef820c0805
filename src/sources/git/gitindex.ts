/**
 * Git's index (versions 2 to 4): which files are tracked, and with which size and time they were last written.
 * Format: Documentation/gitformat-index in git.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { objectIdBytes, type Repository } from './repository.ts';

interface IndexEntry {
  /** Modification time, whole seconds. */
  readonly seconds: number;
  /** Low 32 bits of the size. */
  readonly size: number;
}

export interface GitIndex {
  /** Tracked files by path from the root, with `/`. */
  readonly entries: ReadonlyMap<string, IndexEntry>;
  /** Folders (empty for the root) below which nothing is staged that is not in a tree object. */
  readonly settled: ReadonlySet<string>;
}

/** Reads the index; undefined when there is none or it is of an unknown kind. */
export function readIndex(repository: Repository): GitIndex | undefined {
  try {
    return parseIndex(readFileSync(join(repository.gitDir, 'index')), objectIdBytes(repository));
  } catch {
    return undefined;
  }
}

/** Throws a RangeError on truncated bytes. */
function parseIndex(bytes: Buffer, idBytes: number): GitIndex | undefined {
  if (bytes.toString('latin1', 0, 4) !== 'DIRC') return undefined;
  const version = bytes.readUInt32BE(4);
  if (version < 2 || version > 4) return undefined;
  const count = bytes.readUInt32BE(8);
  const entries = new Map<string, IndexEntry>();
  let at = 12;
  let previous = '';
  for (let index = 0; index < count; index++) {
    const start = at;
    const seconds = bytes.readUInt32BE(at + 8);
    const size = bytes.readUInt32BE(at + 36);
    const flags = bytes.readUInt16BE(at + 40 + idBytes);
    at += 42 + idBytes + ((flags & 0x4000) !== 0 ? 2 : 0);
    let kept = 0;
    if (version === 4) [kept, at] = readOffset(bytes, at);
    const end = bytes.indexOf(0, at);
    if (end === -1) throw new RangeError('the index ends within a path');
    const suffix = bytes.toString('utf8', at, end);
    const path =
      version === 4
        ? Buffer.from(previous)
            .subarray(0, -kept || undefined)
            .toString() + suffix
        : suffix;
    at = version === 4 ? end + 1 : start + ((end - start + 8) & ~7);
    entries.set(path, { seconds, size });
    previous = path;
  }
  return { entries, settled: readSettled(bytes, at, idBytes) };
}

/** Variable-length integer as in pack offsets: how many bytes of the previous path to drop. */
function readOffset(bytes: Buffer, from: number): [value: number, next: number] {
  let at = from;
  let byte = bytes.readUInt8(at++);
  let value = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    byte = bytes.readUInt8(at++);
    value = ((value + 1) << 7) | (byte & 0x7f);
  }
  return [value, at];
}

/** Folders with a valid entry in the TREE extension. */
function readSettled(bytes: Buffer, from: number, idBytes: number): Set<string> {
  const settled = new Set<string>();
  for (let at = from; at + 8 <= bytes.length - idBytes; ) {
    const name = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32BE(at + 4);
    if (name === 'TREE') readTree(bytes, at + 8, at + 8 + length, idBytes, settled);
    at += 8 + length;
  }
  return settled;
}

function readTree(bytes: Buffer, from: number, end: number, idBytes: number, settled: Set<string>): void {
  const open: { readonly path: string; left: number }[] = [];
  for (let at = from; at < end; ) {
    const nul = bytes.indexOf(0, at);
    const line = bytes.indexOf(0x0a, nul);
    if (nul === -1 || line === -1) return;
    const name = bytes.toString('utf8', at, nul);
    const [valid, children] = bytes
      .toString('latin1', nul + 1, line)
      .split(' ')
      .map(Number) as [number, number];
    while (open.length > 0 && open.at(-1)!.left === 0) open.pop();
    const parent = open.at(-1);
    if (parent !== undefined) parent.left--;
    const path = parent === undefined || parent.path === '' ? name : `${parent.path}/${name}`;
    if (valid >= 0) settled.add(path);
    open.push({ path, left: children });
    at = line + 1 + (valid >= 0 ? idBytes : 0);
  }
}
