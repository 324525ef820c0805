/**
 * Parameters of a constraint, checked and completed by its template's schema, as the API server does for the custom
 * resource that the template stands for. Source: apiextensions-apiserver pkg/apiserver/{schema/defaulting,validation},
 * the keywords that structural schemas may have.
 */
import { compileRegex } from '../../../cel/regex/index.ts';
import type { JsonMap } from '../../../model/index.ts';
import { isMap, kindOf, own, pointerStep } from '../../json.ts';
import { didYouMean } from '../../nearest.ts';
import { type DocumentFault, error } from '../fault.ts';

export interface Completed {
  readonly value: unknown;
  readonly faults: readonly DocumentFault[];
}

/**
 * @param closed whether fields that the schema does not name are refused
 * @param pointer where the value stands in its document
 */
export function completeParameters(
  schema: JsonMap,
  value: unknown,
  closed: boolean,
  pointer: string,
): Completed {
  const completed = withDefaults(schema, value);
  const faults: DocumentFault[] = [];
  check(schema, completed, pointer, { closed, faults });
  return { value: completed, faults };
}

/** Defaults go where nothing stands, or a null that may not. */
function withDefaults(schema: JsonMap, value: unknown): unknown {
  const preset = own(schema, 'default');
  if (preset !== undefined && (value === undefined || (value === null && own(schema, 'nullable') !== true)))
    return withDefaults({ ...schema, default: undefined }, preset);
  if (Array.isArray(value)) {
    const items = own(schema, 'items');
    return isMap(items) ? value.map((item) => withDefaults(items, item)) : value;
  }
  return isMap(value) ? withFieldDefaults(schema, value) : value;
}

function withFieldDefaults(schema: JsonMap, value: JsonMap): JsonMap {
  const result: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value)) {
    const field = fieldSchema(schema, key);
    result[key] = field === undefined ? value[key] : withDefaults(field, value[key]);
  }
  const properties = own(schema, 'properties');
  for (const [key, field] of isMap(properties) ? Object.entries(properties) : []) {
    if (result[key] !== undefined || !isMap(field)) continue;
    const made = withDefaults(field, undefined);
    if (made !== undefined) result[key] = made;
  }
  // An ordinary object again: that is what parsed JSON looks like to expressions.
  return Object.fromEntries(Object.entries(result));
}

function fieldSchema(schema: JsonMap, key: string): JsonMap | undefined {
  const properties = own(schema, 'properties');
  const named = isMap(properties) ? own(properties, key) : undefined;
  if (isMap(named)) return named;
  const others = own(schema, 'additionalProperties');
  return isMap(others) ? others : undefined;
}

interface Checking {
  readonly closed: boolean;
  readonly faults: DocumentFault[];
}

function check(schema: JsonMap, value: unknown, pointer: string, checking: Checking): void {
  if (value === undefined) return;
  if (value === null && own(schema, 'nullable') === true) return;
  const { faults } = checking;
  const wanted = wrongType(schema, value);
  if (wanted !== undefined) {
    faults.push(error(pointer, `The template's schema asks for ${wanted}, got ${kindOf(value)}.`));
    return;
  }
  for (const detail of [...enumFaults(schema, value), ...scalarFaults(schema, value)])
    faults.push(error(pointer, detail));
  if (Array.isArray(value)) checkList(schema, value, pointer, checking);
  else if (isMap(value)) checkMap(schema, value, pointer, checking);
  checkCombinations(schema, value, pointer, faults);
}

const TYPES: Readonly<Record<string, readonly [name: string, fits: (value: unknown) => boolean]>> = {
  string: ['a string', (value) => typeof value === 'string'],
  boolean: ['a boolean', (value) => typeof value === 'boolean'],
  integer: ['an integer', isInteger],
  number: ['a number', (value) => isInteger(value) || value instanceof Number],
  array: ['a list', Array.isArray],
  object: ['a map', isMap],
};

function isInteger(value: unknown): boolean {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    (value instanceof Number && Number.isInteger(value.valueOf()))
  );
}

/** What the schema asks for, when the value is not that. */
function wrongType(schema: JsonMap, value: unknown): string | undefined {
  if (own(schema, 'x-kubernetes-int-or-string') === true)
    return isInteger(value) || typeof value === 'string' ? undefined : 'an integer or a string';
  const type = own(schema, 'type');
  const known = typeof type === 'string' && Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  return known === undefined || known[1](value) ? undefined : known[0];
}

function enumFaults(schema: JsonMap, value: unknown): string[] {
  const allowed = own(schema, 'enum');
  if (!Array.isArray(allowed) || allowed.some((one) => sameJson(one, value))) return [];
  const hint = typeof value === 'string' ? didYouMean(value, allowed.map(String)) : '';
  return [`${show(value)} is not one of ${allowed.map(show).join(', ')}.${hint}`];
}

function scalarFaults(schema: JsonMap, value: unknown): string[] {
  const faults: string[] = [];
  const limit = (keyword: string, actual: number, holds: (a: number, b: number) => boolean) => {
    const bound = numberAt(schema, keyword);
    if (bound !== undefined && !holds(actual, bound)) faults.push(`${show(value)}: ${keyword} is ${bound}.`);
  };
  const most = (a: number, b: number) => a <= b;
  const least = (a: number, b: number) => a >= b;
  if (typeof value === 'string') {
    const length = [...value].length;
    limit('maxLength', length, most);
    limit('minLength', length, least);
    faults.push(...patternFaults(schema, value));
  } else if (isInteger(value) || value instanceof Number) {
    const number = Number(value);
    limit('maximum', number, own(schema, 'exclusiveMaximum') === true ? (a, b) => a < b : most);
    limit('minimum', number, own(schema, 'exclusiveMinimum') === true ? (a, b) => a > b : least);
    limit('multipleOf', number, (a, b) => Number.isInteger(a / b));
  } else if (Array.isArray(value)) {
    limit('maxItems', value.length, most);
    limit('minItems', value.length, least);
    if (own(schema, 'uniqueItems') === true && new Set(value.map(show)).size < value.length)
      faults.push('Items must differ from each other.');
  } else if (isMap(value)) {
    limit('maxProperties', Object.keys(value).length, most);
    limit('minProperties', Object.keys(value).length, least);
  }
  return faults;
}

function patternFaults(schema: JsonMap, value: string): string[] {
  const pattern = own(schema, 'pattern');
  if (typeof pattern !== 'string') return [];
  const regex = compileRegex(pattern);
  if ('error' in regex) return [`The schema's pattern does not compile: ${regex.error}.`];
  return regex.test(value) ? [] : [`"${value}" does not match the schema's pattern ${pattern}`];
}

function checkList(schema: JsonMap, value: readonly unknown[], pointer: string, checking: Checking): void {
  const items = own(schema, 'items');
  if (!isMap(items)) return;
  for (const [index, item] of value.entries()) check(items, item, pointer + pointerStep(index), checking);
}

function checkMap(schema: JsonMap, value: JsonMap, pointer: string, checking: Checking): void {
  const { closed, faults } = checking;
  const required = own(schema, 'required');
  for (const name of Array.isArray(required) ? required : [])
    if (typeof name === 'string' && own(value, name) === undefined)
      faults.push(error(pointer, `"${name}" is required by the template's schema.`));
  const properties = own(schema, 'properties');
  const open = own(schema, 'additionalProperties');
  const keeps = own(schema, 'x-kubernetes-preserve-unknown-fields') === true || open === true || isMap(open);
  for (const [key, field] of Object.entries(value)) {
    const known = fieldSchema(schema, key);
    if (known !== undefined) check(known, field, pointer + pointerStep(key), checking);
    else if (closed && !keeps) {
      const names = isMap(properties) ? Object.keys(properties) : [];
      faults.push(error(pointer + pointerStep(key), `Unknown parameter "${key}".${didYouMean(key, names)}`));
    }
  }
}

function checkCombinations(schema: JsonMap, value: unknown, pointer: string, faults: DocumentFault[]): void {
  const alternatives = (keyword: string) => {
    const list = own(schema, keyword);
    return Array.isArray(list) ? list.filter(isMap) : undefined;
  };
  const count = (list: readonly JsonMap[]) => list.filter((one) => fits(one, value)).length;
  const all = alternatives('allOf');
  const any = alternatives('anyOf');
  const one = alternatives('oneOf');
  const not = own(schema, 'not');
  if (all !== undefined && count(all) < all.length) faults.push(error(pointer, 'Not all of allOf hold.'));
  if (any !== undefined && count(any) === 0) faults.push(error(pointer, 'None of anyOf holds.'));
  if (one !== undefined && count(one) !== 1)
    faults.push(error(pointer, `Of oneOf ${count(one)} hold, and it must be one.`));
  if (isMap(not) && fits(not, value)) faults.push(error(pointer, 'What "not" forbids holds.'));
}

function fits(schema: JsonMap, value: unknown): boolean {
  const faults: DocumentFault[] = [];
  check(schema, value, '', { closed: false, faults });
  return faults.length === 0;
}

function numberAt(schema: JsonMap, keyword: string): number | undefined {
  const value = own(schema, keyword);
  return typeof value === 'number' || value instanceof Number ? Number(value) : undefined;
}

function sameJson(a: unknown, b: unknown): boolean {
  return show(a) === show(b);
}

function show(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? 'undefined'
  );
}
