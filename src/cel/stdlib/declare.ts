/** Short forms for the tables of functions below. */
import type { FunctionDeclaration, Overload } from '../library.ts';
import type { Type } from '../types.ts';

type Details = Pick<Overload, 'impl'> & Pick<Partial<Overload>, 'cost'>;

/** `f(a, b)` */
export function overload(id: string, args: readonly Type[], result: Type, details: Details): Overload {
  return { id, member: false, args, result, ...details };
}

/** `a.f(b)`; `args[0]` is the receiver. */
export function member(id: string, args: readonly Type[], result: Type, details: Details): Overload {
  return { id, member: true, args, result, ...details };
}

export function declare(name: string, ...overloads: Overload[]): FunctionDeclaration {
  return { name, overloads };
}
