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

/** Where what was kept of a file lies in the pack, part by part, and of which content it is. */
interface Place {
  readonly digest: string;
  readonly start: number;
  /** Of each part; one that nothing was kept of ends where it begins. */
  readonly ends: readonly number[];
}

/** Of an earlier scan; plain data that all threads share. */
export interface Pack {
  readonly bytes: Uint8Array;
  readonly places: ReadonlyMap<string, Place>;
}

/** What a thread learnt. Of a content that is known already, parts that it has not are as they were. */
export type Fresh = Map<string, { readonly digest: string; readonly parts: (Uint8Array | undefined)[] }>;

/** The cache as one thread sees it: of each file several parts, which are read one by one. */
export interface Memory<T> {
  /** Whether the file had this content. */
  knows(name: string, digest: string): boolean;
  /** What an earlier scan kept; undefined: nothing. */
  recall<K extends keyof T>(name: string, part: K): T[K] | undefined;
  remember(name: string, digest: string, parts: Partial<T>): void;
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
/** At a time. */
const WRITTEN_BYTES = 1024 * 1024;
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

/** @param parts In the order that they are kept in: those that are read together beside each other. */
export function openMemory<T>({ bytes, places }: Pack, parts: readonly (keyof T)[]): Memory<T> {
  const { serialize, deserialize } = builtin('node:v8');
  const fresh: Fresh = new Map();
  return {
    fresh,
    knows: (name, digest) => places.get(name)?.digest === digest,
    recall(name, part) {
      const [start, end] = extent(places.get(name), parts.indexOf(part));
      return start === end ? undefined : deserialize(bytes.subarray(start, end));
    },
    remember(name, digest, learnt) {
      const known = fresh.get(name)?.parts ?? [];
      const pieces = parts.map((part, i) => (part in learnt ? serialize(learnt[part]) : known[i]));
      fresh.set(name, { digest, parts: pieces });
    },
  };
}

/** Where a part begins and ends. */
function extent(place: Place | undefined, part: number): [number, number] {
  const end = place?.ends[part];
  return place === undefined || end === undefined
    ? [0, 0]
    : [part === 0 ? place.start : place.ends[part - 1]!, end];
}

/** Seal, length of the list of places, the list, what was kept. */
function readPack(file: string, key: Uint8Array, purpose: string): Pack | undefined {
  try {
    const all = readShared(file);
    if (all === undefined) return undefined;
    const sealed = all.subarray(SEAL_LENGTH);
    if (!isSealed(all.subarray(0, SEAL_LENGTH), key, purpose, [sealed])) return undefined;
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

/** In pieces: together they are as long as everything that is known. */
function bodyOf(names: readonly string[], pack: Pack, fresh: Fresh): Uint8Array[] {
  const places = new Map<string, Place>();
  const pieces: Uint8Array[] = [];
  let end = 0;
  for (const name of new Set(names)) {
    const old = pack.places.get(name);
    const learnt = fresh.get(name);
    const digest = learnt?.digest ?? old?.digest;
    if (digest === undefined) continue;
    const known = old?.digest === digest ? old : undefined;
    const start = end;
    const ends = (learnt?.parts ?? known!.ends).map((_, i) => {
      const piece = learnt?.parts[i] ?? pack.bytes.subarray(...extent(known, i));
      addPiece(pieces, piece);
      end += piece.length;
      return end;
    });
    places.set(name, { digest, start, ends });
  }
  const list = builtin('node:v8').serialize(places);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(list.length);
  return [length, list, ...pieces];
}

/** What lies side by side already, as nearly all does after a small change, is one piece. */
function addPiece(pieces: Uint8Array[], piece: Uint8Array): void {
  const last = pieces.at(-1);
  if (
    last === undefined ||
    last.buffer !== piece.buffer ||
    last.byteOffset + last.length !== piece.byteOffset
  )
    pieces.push(piece);
  else pieces[pieces.length - 1] = new Uint8Array(piece.buffer, last.byteOffset, last.length + piece.length);
}

/** Written beside and renamed, so that runs at the same time never read half a file, and nothing is written through a link. */
function writePack(file: string, key: Uint8Array, purpose: string, body: readonly Uint8Array[]): void {
  if (body.reduce((sum, { length }) => sum + length, SEAL_LENGTH) > PACK_BYTES) return;
  const beside = `${file}.${builtin('node:crypto').randomUUID()}`;
  const descriptor = openSync(beside, 'wx', 0o600);
  try {
    for (const bytes of gathered([sealOf(key, purpose, body), ...body])) writeFileSync(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
  renameSync(beside, file);
}

/** Small pieces together, so that few calls write them; of large ones no copy is made. */
function* gathered(pieces: readonly Uint8Array[]): Iterable<Uint8Array> {
  let some: Uint8Array[] = [];
  let length = 0;
  for (const piece of pieces) {
    if (length + piece.length > WRITTEN_BYTES) {
      yield Buffer.concat(some);
      some = [];
      length = 0;
    }
    if (piece.length > WRITTEN_BYTES) yield piece;
    else {
      some.push(piece);
      length += piece.length;
    }
  }
  yield Buffer.concat(some);
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
