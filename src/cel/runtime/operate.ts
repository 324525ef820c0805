/** Operators on values, by name. */
import { add, divide, modulo, multiply, negate, subtract } from '../arithmetic.ts';
import { compare } from '../compare.ts';
import { listContains } from '../equality.ts';
import { CelError } from '../errors.ts';
import type { Operator } from '../plan/nodes.ts';
import type { Value } from '../values.ts';
import { isMap, mapFind } from './maps.ts';

export function operate(operator: Operator, args: readonly Value[]): Value {
  const [a, b] = args as [Value, Value];
  switch (operator) {
    case '_+_':
      return add(a, b);
    case '_-_':
      return subtract(a, b);
    case '_*_':
      return multiply(a, b);
    case '_/_':
      return divide(a, b);
    case '_%_':
      return modulo(a, b);
    case '-_':
      return negate(a);
    case '!_':
      if (typeof a !== 'boolean') throw new CelError('no-such-overload', 'no such overload');
      return !a;
    case '_<_':
      return compare(a, b, operator) < 0;
    case '_<=_':
      return compare(a, b, operator) <= 0;
    case '_>_':
      return compare(a, b, operator) > 0;
    case '_>=_':
      return compare(a, b, operator) >= 0;
    case '@in':
      return contains(b, a);
    case '@not_strictly_false':
      return a !== false;
  }
}

/** `value in container`. */
export function contains(container: Value, value: Value): boolean {
  if (Array.isArray(container)) return listContains(container, value);
  if (isMap(container)) return mapFind(container, value) !== undefined;
  throw new CelError('no-such-overload', 'no such overload');
}
