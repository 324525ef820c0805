/** Assignability of types with type variables (cel-go checker/types.go). */
import { DYN, type Type } from '../types.ts';
import { isDynOrError, mapParameters, parameters, sameType } from './types.ts';

/** What the type variables of an expression stand for so far. */
export interface Bindings {
  readonly types: Map<string, Type>;
  /** What each binding replaced, so that a failed attempt leaves no trace (cheaper than cel-go's copy each time). */
  readonly trail: { name: string; before: Type | undefined }[];
  /** Left before {@link TooComplex} is thrown. */
  steps: number;
}

/**
 * Type variables that stand for types of other type variables can describe types of exponential size in a short
 * expression. No expression that people write comes near this many steps.
 */
const MAX_STEPS = 10_000_000;

export class TooComplex extends Error {}

export function createBindings(): Bindings {
  return { types: new Map(), trail: [], steps: MAX_STEPS };
}

function step(bindings: Bindings): void {
  if (bindings.steps-- <= 0) throw new TooComplex();
}

/** Whether every type of one list may stand where the other's is expected; binds type variables if so. */
export function areAssignable(bindings: Bindings, to: readonly Type[], from: readonly Type[]): boolean {
  const { types, trail } = bindings;
  const assignable = assignableLists(bindings, to, from);
  if (!assignable) {
    for (const { name, before } of trail.toReversed()) {
      if (before) types.set(name, before);
      else types.delete(name);
    }
  }
  trail.length = 0;
  return assignable;
}

export function isAssignable(bindings: Bindings, to: Type, from: Type): boolean {
  return areAssignable(bindings, [to], [from]);
}

/** The type with its variables resolved; those still free stay, or become dyn. */
export function substitute(bindings: Bindings, type: Type, freeToDyn: boolean): Type {
  step(bindings);
  if (type.kind === 'param') {
    const bound = bindings.types.get(type.name);
    if (bound) return substitute(bindings, bound, freeToDyn);
    return freeToDyn ? DYN : type;
  }
  return mapParameters(type, (inner) => substitute(bindings, inner, freeToDyn));
}

/** The less specific of two assignable types. */
export function mostGeneral(a: Type, b: Type): Type {
  return isEqualOrLessSpecific(a, b) ? a : b;
}

function isEqualOrLessSpecific(a: Type, b: Type): boolean {
  const isWide = ({ kind }: Type) => kind === 'dyn' || kind === 'any' || kind === 'param';
  if (isWide(a)) return true;
  if (isWide(b) || a.kind !== b.kind) return false;
  if (a.kind === 'type') return true;
  if (a.kind === 'opaque' && a.name !== (b as typeof a).name) return false;
  const left = parameters(a);
  const right = parameters(b);
  if (left.length === 0) return sameType(a, b);
  return left.length === right.length && left.every((t, i) => isEqualOrLessSpecific(t, right[i]!));
}

function assignableLists(bindings: Bindings, a: readonly Type[], b: readonly Type[]): boolean {
  return a.length === b.length && a.every((t, i) => assignable(bindings, t, b[i]!));
}

function assignable(bindings: Bindings, a: Type, b: Type): boolean {
  step(bindings);
  if (b.kind === 'param') {
    const { valid, bound } = bind(bindings, b, a);
    if (valid || bound) return valid;
  }
  if (a.kind === 'param') return bind(bindings, a, b).valid;
  if (isDynOrError(a) || isDynOrError(b)) return true;
  if (a.kind === 'null') return isNullable(b);
  if (b.kind === 'null') return isNullable(a);
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'type':
      return true;
    case 'object':
      return a.name === (b as typeof a).name;
    case 'opaque':
      return a.name === (b as typeof a).name && assignableLists(bindings, a.params, (b as typeof a).params);
    default:
      return assignableLists(bindings, parameters(a), parameters(b));
  }
}

/** null is a value of messages, of opaque types, and of null itself. */
function isNullable(type: Type): boolean {
  return ['opaque', 'object', 'duration', 'timestamp', 'null'].includes(type.kind);
}

/** Binds a type variable to a type, or widens its binding. `bound` says whether it had one. */
function bind(
  bindings: Bindings,
  variable: Type & { kind: 'param' },
  type: Type,
): { valid: boolean; bound: boolean } {
  if (sameType(variable, type)) return { valid: true, bound: true };
  const before = bindings.types.get(variable.name);
  if (before) {
    if (sameType(type, before)) return { valid: true, bound: true };
    if (!assignable(bindings, type, before)) return { valid: false, bound: true };
    const wider = mostGeneral(type, before);
    if (isFreeOf(bindings, variable, wider)) record(bindings, variable.name, wider);
    return { valid: true, bound: true };
  }
  if (!isFreeOf(bindings, variable, type)) return { valid: false, bound: false };
  record(bindings, variable.name, type);
  return { valid: true, bound: false };
}

function record(bindings: Bindings, name: string, type: Type): void {
  bindings.trail.push({ name, before: bindings.types.get(name) });
  bindings.types.set(name, type);
}

/** Whether a type does not contain the variable, so that binding makes no endless type. */
function isFreeOf(bindings: Bindings, variable: Type & { kind: 'param' }, type: Type): boolean {
  step(bindings);
  if (type.kind === 'param') {
    if (type.name === variable.name) return false;
    const bound = bindings.types.get(type.name);
    return !bound || isFreeOf(bindings, variable, bound);
  }
  return parameters(type).every((inner) => isFreeOf(bindings, variable, inner));
}
