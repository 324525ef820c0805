/** `listObjToMap` (sdk extensions/cel/libs/transform). */
import { CelError } from '../../errors.ts';
import type { Library, Overload } from '../../library.ts';
import { isMap, mapFind, mapKeys, mapOfEntries } from '../../runtime/maps.ts';
import { goTypeName } from '../../runtime/names.ts';
import { DYN, listOf, mapOf, STRING } from '../../types.ts';
import type { CelMap, JsonObject, Value } from '../../values.ts';
import { declare, global } from '../declare.ts';

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
    const key = mapFind(requireObject(entry), keyName);
    if (typeof key !== 'string') {
      fail('the passed key name cannot be handled as a string in the key object list');
    }
    const value = mapFind(requireObject(values[i]!), valueName);
    return [key as string, value ?? null];
  });
  return mapOfEntries(entries);
}

function requireObject(value: Value): JsonObject | CelMap {
  // Upstream panics, which cel-go makes an error of.
  if (!isMap(value)) return fail(`internal error: interface conversion: ${goTypeName(value)} is not a map`);
  const other = mapKeys(value).find((key) => typeof key !== 'string');
  if (other !== undefined) fail(`failed to convert key to a string, ${goTypeName(other)}`);
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
