/**
 * What files came to, kept for the next scan: one sealed pack for each set of files and everything that the results hang on
 * beside their contents. It may be deleted at any time; one that is not exactly what was sealed is not used.
 */
import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { builtin } from './builtin.ts';
import { isSealed, SEAL_LENGTH, sealOf } from './seal.ts';

/** Where what was kept of a file lies in the pack, and of which content it is. */
interface Place {
  readonly digest: string;
  readonly start: number;
  readonly end: number;
}

/** Of an earlier scan; plain data that all threads share. */
export interface Pack {
  readonly bytes: Uint8Array;
  readonly places: ReadonlyMap<string, Place>;
}

/** What a thread learnt. */
export type Fresh = Map<string, { readonly digest: string; readonly bytes: Uint8Array }>;

/** The cache as one thread sees it. */
export interface Memory<T> {
  /** What a file of this name and content came to; undefined: nobody knows. */
  recall(name: string, digest: string): T | undefined;
  remember(name: string, digest: string, value: T): void;
  readonly fresh: Fresh;
}

export interface ResultCache {
  readonly pack: Pack;
  /** Keeps what is known of the named files. Never throws: a cache that cannot be written is none. */
  save(names: readonly string[], fresh: Fresh): void;
}

/** Packs kept, and their bytes together; the youngest stay. */
const KEPT_PACKS = 16;
const KEPT_BYTES = 512 * 1024 * 1024;
const PACK_BYTES = 256 * 1024 * 1024;
const PACK_NAME = /^[0-9a-f]{64}\.results$/;
const LENGTH_BYTES = 4;

const EMPTY: Pack = { bytes: new Uint8Array(), places: new Map() };

export function digestOf(bytes: Uint8Array | string): string {
  return builtin('node:crypto').hash('sha256', bytes, 'base64');
}

/** @param purpose All that results hang on beside files: digests of it. */
export function openResultCache(folder: string, key: Uint8Array, purpose: string): ResultCache {
  const file = join(folder, `${builtin('node:crypto').hash('sha256', purpose)}.results`);
  const pack = readPack(file, key, purpose);
  return {
    pack: pack ?? EMPTY,
    save(names, fresh) {
      try {
        if (pack !== undefined && fresh.size === 0 && names.length >= pack.places.size) {
          const now = new Date();
          utimesSync(file, now, now);
          return;
        }
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writePack(file, key, purpose, bodyOf(names, pack ?? EMPTY, fresh));
        prune(folder);
      } catch {
        // No space, no right to write: the next run starts as this one did.
      }
    },
  };
}

export function openMemory<T>({ bytes, places }: Pack): Memory<T> {
  const { serialize, deserialize } = builtin('node:v8');
  const fresh: Fresh = new Map();
  return {
    fresh,
    recall(name, digest) {
      const place = places.get(name);
      if (place?.digest !== digest) return undefined;
      return deserialize(bytes.subarray(place.start, place.end)) as T;
    },
    remember(name, digest, value) {
      fresh.set(name, { digest, bytes: serialize(value) });
    },
  };
}

/** Seal, length of the list of places, the list, what was kept. */
function readPack(file: string, key: Uint8Array, purpose: string): Pack | undefined {
  try {
    const all = readShared(file);
    if (all === undefined) return undefined;
    const sealed = all.subarray(SEAL_LENGTH);
    if (!isSealed(all.subarray(0, SEAL_LENGTH), key, purpose, sealed)) return undefined;
    const length = new DataView(sealed.buffer, sealed.byteOffset).getUint32(0);
    const list = sealed.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
    const places = builtin('node:v8').deserialize(list) as Map<string, Place>;
    return { bytes: sealed.subarray(LENGTH_BYTES + length), places };
  } catch {
    return undefined;
  }
}

/** Into memory that threads share. */
function readShared(file: string): Uint8Array | undefined {
  // To open a pipe that somebody put there would wait for ever.
  if (!lstatSync(file).isFile()) return undefined;
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size > PACK_BYTES) return undefined;
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    for (let at = 0; at < size; ) {
      const read = readSync(descriptor, bytes, at, size - at, at);
      if (read === 0) return undefined;
      at += read;
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

function bodyOf(names: readonly string[], pack: Pack, fresh: Fresh): Uint8Array {
  const places = new Map<string, Place>();
  const pieces: Uint8Array[] = [];
  let start = 0;
  for (const name of new Set(names)) {
    const old = pack.places.get(name);
    const { digest, bytes } = fresh.get(name) ?? {
      digest: old?.digest,
      bytes: pack.bytes.subarray(old?.start ?? 0, old?.end ?? 0),
    };
    if (digest === undefined) continue;
    const end = start + bytes.length;
    places.set(name, { digest, start, end });
    pieces.push(bytes);
    start = end;
  }
  const list = builtin('node:v8').serialize(places);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(list.length);
  return Buffer.concat([length, list, ...pieces]);
}

/** Written beside and renamed, so that runs at the same time never read half a file, and nothing is written through a link. */
function writePack(file: string, key: Uint8Array, purpose: string, body: Uint8Array): void {
  if (SEAL_LENGTH + body.length > PACK_BYTES) return;
  const beside = `${file}.${builtin('node:crypto').randomUUID()}`;
  writeFileSync(beside, Buffer.concat([sealOf(key, purpose, body), body]), { flag: 'wx', mode: 0o600 });
  renameSync(beside, file);
}

function prune(folder: string): void {
  const packs = readdirSync(folder)
    .filter((name) => PACK_NAME.test(name))
    .map((name) => {
      const path = join(folder, name);
      const { mtimeMs, size } = lstatSync(path);
      return { path, at: mtimeMs, size };
    })
    .sort((a, b) => b.at - a.at);
  let bytes = 0;
  for (const [index, { path, size }] of packs.entries()) {
    bytes += size;
    if (index >= KEPT_PACKS || bytes > KEPT_BYTES) unlinkSync(path);
  }
}
