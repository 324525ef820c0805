/** Types as values: `int`, `type(x)`. */
import { nameOfType, typeName } from '../runtime/names.ts';
import { TYPE, type Type } from '../types.ts';
import type { Opaque, Value } from '../values.ts';

/** Two are equal when their names are: `type([1]) == type(['a'])`. */
export class TypeValue implements Opaque {
  readonly $name: string;
  constructor(name: string) {
    this.$name = name;
  }
  get $type(): Type {
    return TYPE;
  }
  $equals(other: Value): boolean {
    return other instanceof TypeValue && other.$name === this.$name;
  }
}

/** `type(value)`. */
export function typeOf(value: Value): TypeValue {
  return new TypeValue(typeName(value));
}

/** A type's name as a constant of expressions, e.g. `int` or `net.IP`. */
export function typeConstant(type: Type): { readonly type: Type; readonly value: TypeValue } {
  return { type: { kind: 'type', of: type }, value: new TypeValue(nameOfType(type)) };
}
