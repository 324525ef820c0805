/** Short forms for declaring functions. */
import type { FunctionDeclaration, Overload } from '../library.ts';
import type { Type } from '../types.ts';

type Impl = Overload['impl'];
type Cost = NonNullable<Overload['cost']>;

/** `f(a, b)`. */
export function global(id: string, args: readonly Type[], result: Type, impl: Impl, cost?: Cost): Overload {
  return { id, member: false, args, result, impl, ...(cost && { cost }) };
}

/** `a.f(b)`; the first argument is the receiver. */
export function member(id: string, args: readonly Type[], result: Type, impl: Impl, cost?: Cost): Overload {
  return { id, member: true, args, result, impl, ...(cost && { cost }) };
}

/** One declaration per name, in the order given: at run time the first overload that fits is taken. */
export function declare(
  table: Readonly<Record<string, readonly Overload[]>>,
): readonly FunctionDeclaration[] {
  return Object.entries(table).map(([name, overloads]) => ({ name, overloads }));
}
