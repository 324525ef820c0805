/** Calls of functions of one argument whose overload depends on its value: found once for each type. */
import type { Overload } from '../library.ts';
import type { Value } from '../values.ts';
import { type Callee, chooseOverload, invoke } from './call.ts';
import { typeName } from './names.ts';

type Memory = Map<string, Overload | undefined>;

/** What {@link invoke} does. Which overload fits hangs on the type of the argument, or of its first element, alone. */
export function dispatch(callee: Callee): (value: Value) => Value {
  const values: Memory = new Map();
  const lists: Memory = new Map();
  return (value) => {
    const list = Array.isArray(value) && value.length > 0;
    const sample = list ? (value[0] as Value) : value;
    // An empty list fits all lists; types of maps and of further lists have parts.
    if (!isWhole(sample)) return invoke(callee, [value]);
    const memory = list ? lists : values;
    const type = typeName(sample);
    let overload = memory.get(type);
    if (overload === undefined) {
      overload = chooseOverload(callee, [value]);
      memory.set(type, overload);
    }
    return overload === undefined
      ? invoke(callee, [value])
      : (overload.impl as (value: Value) => Value)(value);
  };
}

/** Whether the name of a value's type is all there is to its type. */
function isWhole(value: Value): boolean {
  if (typeof value !== 'object') return true;
  const name = typeName(value);
  return name !== 'list' && name !== 'map';
}
