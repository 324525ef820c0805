import { describe } from 'node:test';
import { fails, holds, refuses } from './testing.ts';

describe('listObjToMap', () => {
  holds([
    "listObjToMap([{'name': 'a'}, {'name': 'b'}], [{'v': 1}, {'v': 2}], 'name', 'v') == {'a': 1, 'b': 2}",
    "transform.listObjToMap([{'name': 'a'}], [{'v': 1}], 'name', 'x') == {'a': null}",
    "listObjToMap([], [], 'name', 'v') == {}",
  ]);
  fails({
    "listObjToMap([{'name': 'a'}], [], 'name', 'v')":
      'listObjToMap must take lists of equal length. list1: 1, list2: 0',
    "listObjToMap([{'name': 1}], [{'v': 1}], 'name', 'v')":
      'the passed key name cannot be handled as a string in the key object list',
    "listObjToMap([1], [{'v': 1}], 'name', 'v')":
      'internal error: interface conversion: interface {} is int64, not map[interface {}]interface {}',
  });
  refuses({
    "listObjToMap({}, [], 'a', 'b')":
      "found no matching overload for 'listObjToMap' applied to '(map(dyn, dyn), list(dyn), string, string)'",
  });
});
