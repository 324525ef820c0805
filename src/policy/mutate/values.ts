/** Values of configurations that are merged, and how Go shows them in messages. */
import { formatDouble } from '../../cel/stdlib/numbers.ts';
import { isMap } from '../json.ts';
import type { Atom } from './atoms.ts';

/**
 * What an expression left as a value of CEL where the API server expects one of JSON: a map literal inside a list, a
 * timestamp. It is neither scalar nor list nor map to whoever merges it.
 */
export class Unconverted {
  readonly goType: string;
  /** As Go prints it. */
  readonly text: string;
  constructor(goType: string, text: string) {
    this.goType = goType;
    this.text = text;
  }
}

/** A list of an expression with nothing in it: Go makes a null of it, which no field keeps. */
export const NIL_LIST: readonly unknown[] = Object.freeze([]);

export function isMapValue(value: unknown): value is { readonly [key: string]: unknown } {
  return isMap(value) && !(value instanceof Unconverted);
}

export function isNumeric(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Number;
}

function isScalar(value: unknown): boolean {
  return isNumeric(value) || typeof value === 'string' || typeof value === 'boolean';
}

/** The one kind of value that is at hand, of those a field takes; all of them where it is of none (null is). */
export function deduce(atom: Atom, value: unknown): Atom {
  if (isScalar(value)) return atom.scalar === undefined ? atom : { scalar: atom.scalar };
  if (Array.isArray(value)) return atom.list === undefined ? atom : { list: atom.list };
  if (isMapValue(value)) return atom.map === undefined ? atom : { map: atom.map };
  return atom;
}

/** What is wrong with a scalar; undefined when nothing is. Null is a scalar of every type. */
export function scalarFault(type: Atom['scalar'], value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  switch (type) {
    case 'numeric':
      return isNumeric(value) ? undefined : `expected numeric (int or float), got ${goType(value)}`;
    case 'string':
      return typeof value === 'string' ? undefined : `expected string, got ${showWithType(value)}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${show(value)}`;
    default:
      return isScalar(value) ? undefined : `expected any scalar, got ${show(value)}`;
  }
}

/** `%v` of the library's value. */
export function show(value: unknown): string {
  return `&{${plain(value)}}`;
}

/** `%#v` of it. */
function showWithType(value: unknown): string {
  return `&value.valueUnstructured{Value:${literal(value)}}`;
}

/** How list items are told apart, and how messages name them. */
export function identity(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(identity).join(',')}]`;
  if (isMapValue(value))
    return Object.keys(value)
      .map((key) => `${key}=${identity(value[key])}`)
      .join('');
  return value instanceof Unconverted ? '{{undefined}}' : number(value);
}

function number(value: unknown): string {
  return value instanceof Number ? formatDouble(value.valueOf()) : String(value);
}

function goType(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
    case 'bigint':
      return 'int64';
    default:
      break;
  }
  if (value === null || value === undefined) return '<nil>';
  if (value instanceof Number) return 'float64';
  if (value instanceof Unconverted) return value.goType;
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (value instanceof Unconverted) return value.text;
  if (Array.isArray(value)) return `[${value.map(plain).join(' ')}]`;
  if (!isMapValue(value)) return number(value);
  return `map[${Object.keys(value)
    .sort()
    .map((key) => `${key}:${plain(value[key])}`)
    .join(' ')}]`;
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Unconverted) return `${value.goType}${value.text}`;
  if (Array.isArray(value)) return `[]interface {}{${value.map(literal).join(', ')}}`;
  if (!isMapValue(value)) return number(value);
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${literal(value[key])}`);
  return `map[string]interface {}{${fields.join(', ')}}`;
}
