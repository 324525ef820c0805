/** `listObjToMap` (sdk extensions/cel/libs/transform). */
import { CelError } from '../../errors.ts';
import type { Library, Overload } from '../../library.ts';
import { isMap, mapFind, mapKeys, mapOfEntries } from '../../runtime/maps.ts';
import { DYN, listOf, mapOf, STRING } from '../../types.ts';
import type { CelMap, JsonObject, Value } from '../../values.ts';
import { declare, global } from '../declare.ts';
import { nativeName } from './native.ts';

const fail = (message: string): never => {
  throw new CelError('invalid-argument', message);
};

/** The value under `keyName` in each of the first list, to that under `valueName` in the second's of the same place. */
function listObjToMap(
  keys: readonly Value[],
  values: readonly Value[],
  keyName: string,
  valueName: string,
): CelMap {
  if (keys.length !== values.length) {
    fail(`listObjToMap must take lists of equal length. list1: ${keys.length}, list2: ${values.length}`);
  }
  const entries = keys.map((entry, i): readonly [Value, Value] => {
    const key = mapFind(
      requireObject(entry, (name) => `failed to convert key to a string, ${name}`),
      keyName,
    );
    if (typeof key !== 'string') {
      fail('the passed key name cannot be handled as a string in the key object list');
    }
    const value = mapFind(
      requireObject(
        values[i]!,
        () => 'object cannot be handled as a map string to any in the value object list',
      ),
      valueName,
    );
    return [key as string, value ?? null];
  });
  return mapOfEntries(entries);
}

/** @param complain of a key of another Go type */
function requireObject(value: Value, complain: (typeName: string) => string): JsonObject | CelMap {
  // Upstream panics, which cel-go makes an error of.
  if (!isMap(value)) {
    return fail(
      `internal error: interface conversion: interface {} is ${nativeName(value)}, not map[interface {}]interface {}`,
    );
  }
  const other = mapKeys(value).find((key) => typeof key !== 'string');
  if (other !== undefined) fail(complain(nativeName(other)));
  return value;
}

const overload = (form: string): readonly Overload[] => [
  global(
    `list_of_object_to_map_${form}`,
    [listOf(DYN), listOf(DYN), STRING, STRING],
    mapOf(DYN, DYN),
    listObjToMap,
  ),
];

export const transforms: Library = Object.freeze({
  name: 'kyverno.transform',
  functions: declare({
    listObjToMap: overload('non_prefixed'),
    'transform.listObjToMap': overload('prefixed'),
  }),
});
