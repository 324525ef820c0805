/**
 * JSON Patch (RFC 6902) as the API server applies it: with gopkg.in/evanphx/json-patch.v4 in its default settings, whose
 * leniencies are kept. Negative indices count from the end, a `replace` of a key that is not there adds it, and a patch
 * without a value sets null.
 */
import type { JsonMap } from '../../model/index.ts';
import { isMap, put } from '../json.ts';
import { isFilled, markFilled } from './fill.ts';

/** One operation; texts that were not given are empty. */
export interface PatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from: string;
  /** Undefined: none was given. */
  readonly value: unknown;
}

export type PatchResult =
  | { readonly kind: 'patched'; readonly document: unknown }
  /** A `test` does not hold: the document stays as it was. */
  | { readonly kind: 'test-failed' }
  | { readonly kind: 'failed'; readonly message: string };

/** Applies all operations, or none. The document is not touched. */
export function applyJsonPatch(document: unknown, operations: readonly PatchOperation[]): PatchResult {
  const holder: Holder = { root: copy(document) };
  try {
    for (const operation of operations) apply(holder, operation);
    return { kind: 'patched', document: holder.root };
  } catch (thrown) {
    if (thrown instanceof TestFailed) return { kind: 'test-failed' };
    if (thrown instanceof PatchError) return { kind: 'failed', message: thrown.message };
    throw thrown;
  }
}

class PatchError extends Error {}
class TestFailed extends Error {}

interface Holder {
  root: unknown;
}

const MISSING = 'missing value';
const NO_INDEX = 'invalid index referenced';

function apply(holder: Holder, operation: PatchOperation): void {
  const act = Object.hasOwn(OPERATIONS, operation.op) ? OPERATIONS[operation.op] : undefined;
  if (act === undefined) throw new PatchError(`Unexpected kind: ${operation.op}`);
  act(holder, operation);
}

const OPERATIONS: Readonly<Record<string, (holder: Holder, operation: PatchOperation) => void>> = {
  add,
  remove,
  replace,
  move,
  copy: duplicate,
  test,
};

function add(holder: Holder, { path, value }: PatchOperation): void {
  const place = find(holder, path);
  if (place === undefined) {
    throw new PatchError(`add operation does not apply: doc is missing path: "${path}": ${MISSING}`);
  }
  within(`error in add for path: '${path}'`, () => place.add(copy(value ?? null)));
}

function remove(holder: Holder, { path }: PatchOperation): void {
  const place = find(holder, path);
  if (place === undefined) {
    throw new PatchError(`remove operation does not apply: doc is missing path: "${path}": ${MISSING}`);
  }
  within(`error in remove for path: '${path}'`, () => place.remove());
}

function replace(holder: Holder, { path, value }: PatchOperation): void {
  if (path === '') {
    if (!isMap(value) && !Array.isArray(value)) {
      throw new PatchError('replace operation value must be object or array: %!w(<nil>)');
    }
    holder.root = copy(value);
    return;
  }
  const place = find(holder, path);
  if (place === undefined) {
    throw new PatchError(`replace operation does not apply: doc is missing path: ${path}: ${MISSING}`);
  }
  within(
    `replace operation does not apply: doc is missing key: ${path}: ${MISSING}`,
    () => place.get(),
    false,
  );
  within(`error in remove for path: '${path}'`, () => place.set(copy(value ?? null)));
}

function move(holder: Holder, { from, path }: PatchOperation): void {
  const source = sourceOf(holder, from, 'move');
  const value = within(`error in move for path: '${source.key}'`, () => {
    const found = source.get();
    source.remove();
    return found;
  });
  const place = destinationOf(holder, path, 'move');
  within(`error in move for path: '${path}'`, () => place.add(value ?? null));
}

function duplicate(holder: Holder, { from, path }: PatchOperation): void {
  const source = sourceOf(holder, from, 'copy');
  const value = within(`error in copy for from: '${from}'`, () => source.get());
  const place = destinationOf(holder, path, 'copy');
  within('error while adding value during copy', () => place.add(copy(value ?? null)));
}

function sourceOf(holder: Holder, from: string, op: 'move' | 'copy'): Place {
  if (from === '') {
    throw new PatchError(`${op} operation failed to decode from: operation, missing from field: ${MISSING}`);
  }
  const source = find(holder, from);
  if (source !== undefined) return source;
  throw new PatchError(`${op} operation does not apply: doc is missing from path: ${from}: ${MISSING}`);
}

function destinationOf(holder: Holder, path: string, op: 'move' | 'copy'): Place {
  const place = find(holder, path);
  if (place !== undefined) return place;
  throw new PatchError(
    `${op} operation does not apply: doc is missing destination path: ${path}: ${MISSING}`,
  );
}

function test(holder: Holder, { path, value }: PatchOperation): void {
  if (path === '') {
    if (value === undefined || !equal(holder.root, value)) throw new TestFailed();
    return;
  }
  const place = find(holder, path);
  if (place === undefined) {
    throw new PatchError(`test operation does not apply: is missing path: ${path}: ${MISSING}`);
  }
  const found = within(`error in test for path: '${path}'`, () => place.get()) ?? null;
  // A null of the document is as good as nothing there; a null of the patch is a value.
  if (found === null ? value !== undefined : value === undefined || !equal(found, value)) {
    throw new TestFailed();
  }
}

/** Numbers by what they are as text, and null as good as an empty map where it is not the field of one. */
function equal(a: unknown, b: unknown): boolean {
  if (a === null) return b === null || (isMap(b) && Object.keys(b).length === 0);
  if (b === null) return isMap(a) && Object.keys(a).length === 0;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]));
  }
  if (isMap(a)) return isMap(b) && equalMaps(a, b);
  if (isNumber(a) && isNumber(b)) return a.valueOf() === b.valueOf();
  return a === b;
}

function equalMaps(a: JsonMap, b: JsonMap): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) => Object.hasOwn(b, key) && (a[key] === null) === (b[key] === null) && equal(a[key], b[key]),
    )
  );
}

function isNumber(value: unknown): value is number | bigint | { valueOf(): number } {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Number;
}

/** Where an operation acts: a key of a map or an index of a list. Undefined from `get` is nothing there. */
interface Place {
  readonly key: string;
  get(): unknown;
  set(value: unknown): void;
  add(value: unknown): void;
  remove(): void;
}

/** The place a pointer names; undefined when there is nothing it could be in. */
function find({ root }: Holder, path: string): Place | undefined {
  const steps = path.split('/').map(decode);
  const key = steps.pop()!;
  // What stands before the first slash is overlooked.
  if (steps.length === 0) return undefined;
  let container: unknown = root;
  for (const step of steps.slice(1)) {
    const place = placeIn(container, step);
    try {
      container = place?.get();
    } catch (thrown) {
      if (thrown instanceof PatchError) return undefined;
      throw thrown;
    }
  }
  return placeIn(container, key);
}

function decode(step: string): string {
  return step.replaceAll(/~[01]/g, (escaped) => (escaped === '~1' ? '/' : '~'));
}

function placeIn(container: unknown, key: string): Place | undefined {
  if (Array.isArray(container)) return inList(container, key);
  return isMap(container) ? inMap(container as Record<string, unknown>, key) : undefined;
}

function inMap(map: Record<string, unknown>, key: string): Place {
  const set = (value: unknown) => put(map, key, value);
  return {
    key,
    get: () => (Object.hasOwn(map, key) ? map[key] : undefined),
    set,
    add: set,
    remove: () => {
      if (!Object.hasOwn(map, key)) {
        throw new PatchError(`Unable to remove nonexistent key: ${key}: ${MISSING}`);
      }
      delete map[key];
    },
  };
}

function inList(list: unknown[], key: string): Place {
  return {
    key,
    get: () => list[indexIn(key, list.length, list.length - 1)],
    set: (value) => {
      list[indexIn(key, list.length, list.length - 1)] = value;
    },
    add: (value) => {
      if (key === '-') list.push(value);
      else list.splice(indexToAdd(key, list.length), 0, value);
    },
    remove: () => {
      list.splice(indexIn(key, list.length, list.length - 1), 1);
    },
  };
}

function indexToAdd(key: string, length: number): number {
  return within(
    `value was not a proper array index: '${key}'`,
    () => indexIn(key, length + 1, length),
    'syntax',
  );
}

/** @param size what negative indices count from */
function indexIn(key: string, size: number, last: number): number {
  if (!/^[+-]?[0-9]+$/.test(key)) {
    throw new IndexSyntaxError(`strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`);
  }
  const index = Number(key);
  if (index > last || index < -size) {
    throw new PatchError(`Unable to access invalid index: ${index}: ${NO_INDEX}`);
  }
  return index < 0 ? index + size : index;
}

class IndexSyntaxError extends PatchError {}

/**
 * Puts what an error happened in before its message.
 *
 * @param inner false to leave the message itself out; `syntax` to wrap only an index that is no number
 */
function within<T>(what: string, work: () => T, inner: boolean | 'syntax' = true): T {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof PatchError)) throw thrown;
    if (inner === 'syntax' && !(thrown instanceof IndexSyntaxError)) throw thrown;
    throw new PatchError(inner === false ? what : `${what}: ${thrown.message}`);
  }
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (!isMap(value)) return value;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) put(result, key, copy(value[key]));
  if (isFilled(value)) markFilled(result);
  return result;
}
