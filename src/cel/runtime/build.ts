/** Building lists, maps and messages, in place where nothing else can see it. */
import { add } from '../arithmetic.ts';
import { CelError } from '../errors.ts';
import { Optional } from '../optional.ts';
import type { StructTypes } from '../plan/nodes.ts';
import { CelMap, type Value } from '../values.ts';
import { isMap, type MapKey, mapFind, mapKey, mapKeys } from './maps.ts';
import { typeName } from './names.ts';

/** Lists under construction: made by a fold, seen by nothing else. */
const growing = new WeakSet<object>();

export function isGrowing(value: Value): boolean {
  return typeof value === 'object' && value !== null && growing.has(value);
}

/** An accumulator that starts empty is built in place: nothing but the fold sees it before it is complete. */
export function growable(init: Value): Value {
  const fresh =
    Array.isArray(init) && init.length === 0
      ? []
      : init instanceof CelMap && init.$entries.size === 0
        ? new CelMap(new Map())
        : undefined;
  if (fresh === undefined) return init;
  growing.add(fresh);
  return fresh;
}

/** The accumulator is complete: from here on it is a value like others. */
export function grown(value: Value): void {
  if (typeof value === 'object' && value !== null) growing.delete(value);
}

/** `list + more`, in place where the list is under construction. */
export function append([list, more]: Value[]): Value {
  if (!isGrowing(list!) || !Array.isArray(more)) return add(list!, more!);
  for (const element of more) (list as Value[]).push(element);
  return list!;
}

/** `cel.@mapInsert` into a map under construction: one entry, or all of another map. */
export function insert(args: readonly Value[]): Value {
  const map = args[0] as CelMap;
  const target = map.$entries as Map<MapKey, readonly [Value, Value]>;
  const put = (key: Value, value: Value): void => {
    const canonical = mapKey(key);
    if (canonical === undefined) throw new CelError('invalid-argument', 'unsupported key type');
    if (target.has(canonical)) {
      throw new CelError('duplicate-key', `insert failed: key ${String(key)} already exists`);
    }
    target.set(canonical, [key, value]);
  };
  if (args.length === 3) {
    put(args[1]!, args[2]!);
  } else {
    const more = args[1] as CelMap;
    if (!isMap(more)) throw new CelError('no-such-overload', 'no such overload');
    for (const key of mapKeys(more)) put(key, mapFind(more, key)!);
  }
  return map;
}

export function notOptional(what: string, value: Value): CelError {
  return new CelError(
    'no-such-overload',
    `cannot initialize optional ${what} from non-optional value ${typeName(value)}`,
  );
}

/** One entry of a map literal; the last of equal keys wins, as in cel-go. */
export function putEntry(
  map: Map<MapKey, readonly [Value, Value]>,
  key: Value,
  value: Value,
  optional: boolean,
): CelError | undefined {
  const canonical = mapKey(key);
  if (canonical === undefined) return new CelError('invalid-argument', 'unsupported key type');
  if (!optional) {
    map.set(canonical, [key, value]);
  } else if (!(value instanceof Optional)) {
    return notOptional('entry', value);
  } else if (value.$value === undefined) {
    map.delete(canonical);
  } else {
    map.set(canonical, [key, value.$value]);
  }
  return undefined;
}

export function putField(
  fields: Map<string, Value>,
  name: string,
  value: Value,
  optional: boolean,
): CelError | undefined {
  if (!optional) fields.set(name, value);
  else if (!(value instanceof Optional)) return notOptional(`entry '${name}'`, value);
  else if (value.$value === undefined) fields.delete(name);
  else fields.set(name, value.$value);
  return undefined;
}

export function createStruct(
  structs: StructTypes | undefined,
  typeName: string,
  fields: ReadonlyMap<string, Value>,
): Value {
  const value = structs?.create(typeName, fields);
  if (value === undefined) throw new CelError('no-such-overload', `unknown type: ${typeName}`);
  return value;
}
