/** Objects made of solutions: the smallest of a kind, with each field as the solution asks. */
import type { FieldSchema, JsonMap } from '../../model/index.ts';
import { isMap } from '../json.ts';
import { type Cell, meets } from './cells.ts';
import type { Constant } from './formula.ts';
import { sampleText } from './sample.ts';
import type { ListSolution, Solution } from './solve.ts';
import { type KindStructure, unescaped } from './structure.ts';

type Mutable = { [key: string]: unknown };

/** Thrown where no value is found for a field; there may be one. */
export class NoValue extends Error {}

/** The smallest object of a kind that the API server takes. */
export function minimalObject(structure: KindStructure): JsonMap {
  const { info, pods } = structure;
  const { group, version, kind, namespaced } = info;
  const object: Mutable = {
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    metadata: { name: 'witness', ...(namespaced ? { namespace: 'default' } : {}) },
  };
  if (pods !== undefined) {
    const spec = { containers: [{ name: 'main', image: 'registry.example/app:1.0.0' }] };
    const isPod = pods === '';
    set(object, stepsOf(`${pods}/spec`), spec);
    if (!isPod) set(object, stepsOf(`${pods}/metadata`), { labels: { app: 'witness' } });
  }
  fillRequired(object, structure.schemaAt('object'));
  return object;
}

/** What the schema requires, as deep as it goes. */
function fillRequired(map: Mutable, schema: FieldSchema | undefined): void {
  for (const name of schema?.required ?? []) map[name] ??= smallest(schema?.field(name), name);
  for (const [name, value] of Object.entries(map)) {
    const field = schema?.field(name);
    if (isMap(value)) fillRequired(value as Mutable, field);
    else if (Array.isArray(value))
      for (const item of value) if (isMap(item)) fillRequired(item as Mutable, field?.items);
  }
}

function smallest(schema: FieldSchema | undefined, name: string): unknown {
  switch (schema?.type) {
    case 'array':
      return [];
    case 'integer':
    case 'number':
    case 'int-or-string':
      return 1;
    case 'boolean':
      return false;
    case 'object':
    case 'map': {
      const map: Mutable = name === 'selector' ? { matchLabels: { app: 'witness' } } : {};
      fillRequired(map, schema);
      return map;
    }
    default:
      return 'witness';
  }
}

/** An object that meets a solution, as far as the solution tells. @throws NoValue */
export function objectOf(solution: Solution, structure: KindStructure, base: JsonMap): JsonMap {
  const object = structuredClone(base) as Mutable;
  apply(solution, object, 'object', 'object', structure);
  // Of another version it would be another object than the one that was asked for.
  if (object['apiVersion'] !== base['apiVersion']) throw new NoValue('object/apiVersion');
  return object;
}

/** Labels of the namespace, where the solution speaks of them. */
export function namespaceLabelsOf(solution: Solution, structure: KindStructure): JsonMap {
  const namespace: Mutable = {};
  apply(solution, namespace, 'namespaceObject', 'namespaceObject', structure);
  const metadata = namespace['metadata'];
  const labels = isMap(metadata) ? metadata['labels'] : undefined;
  return isMap(labels) ? labels : {};
}

function apply(
  { cells, lists }: Solution,
  root: Mutable,
  rootPath: string,
  at: string,
  structure: KindStructure,
): void {
  const paths = [...cells.keys()].filter((path) => path.startsWith(`${rootPath}/`)).sort(byDepth);
  for (const path of paths) {
    const cell = cells.get(path)!;
    const steps = path
      .slice(rootPath.length + 1)
      .split('/')
      .map(unescaped);
    if (cell.presence === 'absent') remove(root, steps);
    else if (cell.presence === 'present') {
      const schema = structure.schemaAt(at + path.slice(rootPath.length));
      const list = lists.get(path);
      const present = valueAt(root, steps);
      set(root, steps, fieldValue(cell, list, schema, present, at + path.slice(rootPath.length), structure));
    }
  }
}

function stepsOf(pointer: string): readonly string[] {
  return pointer.slice(1).split('/');
}

function byDepth(a: string, b: string): number {
  return a.split('/').length - b.split('/').length || (a < b ? -1 : 1);
}

function valueAt(root: Mutable, steps: readonly string[]): unknown {
  let at: unknown = root;
  for (const step of steps) at = isMap(at) ? at[step] : undefined;
  return at;
}

function set(root: Mutable, steps: readonly string[], value: unknown): void {
  let at = root;
  for (const step of steps.slice(0, -1)) {
    if (!isMap(at[step])) at[step] = {};
    at = at[step] as Mutable;
  }
  at[steps.at(-1)!] = value;
}

function remove(root: Mutable, steps: readonly string[]): void {
  const holder = valueAt(root, steps.slice(0, -1));
  if (isMap(holder)) delete (holder as Mutable)[steps.at(-1)!];
}

function fieldValue(
  cell: Cell,
  list: ListSolution | undefined,
  schema: FieldSchema | undefined,
  present: unknown,
  path: string,
  structure: KindStructure,
): unknown {
  if (list !== undefined) return collection(cell, list, schema, present, path, structure);
  if (isConstant(present) && meets(cell, present)) return present;
  if (cell.values !== undefined) return cell.values[0];
  const fits = (type: 'map' | 'list') => cell.types.has(type);
  if (isMap(present) && fits('map')) return sizedMap(cell, present);
  if (Array.isArray(present) && fits('list') && present.length >= cell.least && present.length <= cell.most)
    return present;
  if (schema?.type === 'object' && fits('map') && cell.least === 0) return smallest(schema, '');
  const value = scalar(cell);
  if (value !== undefined) return value;
  if (fits('list')) return Array.from({ length: cell.least }, (_, i) => item(schema?.items, i));
  if (fits('map')) return sizedMap(cell, {});
  if (cell.types.has('null')) return null;
  throw new NoValue(path);
}

function isConstant(value: unknown): value is Constant {
  return value === null || ['boolean', 'number', 'string'].includes(typeof value);
}

function sizedMap({ least, most }: Cell, map: JsonMap): JsonMap {
  const entries = Object.entries(map).slice(0, most);
  for (let i = entries.length; i < least; i++) entries.push([`key${i}`, 'value']);
  return Object.fromEntries(entries);
}

function item(schema: FieldSchema | undefined, index: number): unknown {
  const value = smallest(schema, '');
  return isMap(value) ? named(value, index) : typeof value === 'string' ? `item${index}` : value;
}

/** Names in a list of Kubernetes are most often its keys. */
function named(map: JsonMap, index: number): JsonMap {
  return map['name'] === 'witness' ? { ...map, name: `item${index}` } : map;
}

const BOOLEANS = [false, true];

function scalar(cell: Cell): Constant | undefined {
  const { types } = cell;
  if (types.has('boolean')) {
    const value = BOOLEANS.find((candidate) => meets(cell, candidate));
    if (value !== undefined) return value;
  }
  const isPlain = cell.texts.length === 0 && cell.least === 0 && cell.most === Number.POSITIVE_INFINITY;
  if (types.has('number') && isPlain) {
    const value = numbersNear(cell).find((candidate) => meets(cell, candidate));
    if (value !== undefined) return value;
  }
  return types.has('string') ? sampleText(cell) : undefined;
}

function numbersNear({ low, high, excluded }: Cell): number[] {
  const ends = [low.value, high.value].filter(Number.isFinite);
  const near = ends.flatMap((end) => [
    end,
    Math.ceil(end),
    Math.floor(end),
    Math.floor(end) + 1,
    Math.ceil(end) - 1,
  ]);
  const middle = ends.length === 2 ? [(low.value + high.value) / 2] : [];
  const start = Number.isFinite(low.value)
    ? Math.floor(low.value) + 1
    : Number.isFinite(high.value)
      ? Math.ceil(high.value) - 1 - excluded.size
      : 0;
  const run = Array.from({ length: excluded.size + 2 }, (_, i) => start + i);
  const numbers = [1, ...near, ...run, ...middle];
  return [...numbers.filter(Number.isInteger), ...numbers.filter((n) => !Number.isInteger(n))];
}

function collection(
  cell: Cell,
  { elements, filler }: ListSolution,
  schema: FieldSchema | undefined,
  present: unknown,
  path: string,
  structure: KindStructure,
): unknown {
  const wanted = [...elements];
  const isOfKeys = schema?.type === 'map' || schema?.type === 'object' || !cell.types.has('list');
  const least = Math.max(cell.least, structure.leastOf(path), isOfKeys ? 0 : wanted.length);
  while (filler !== undefined && wanted.length < least) wanted.push(filler);
  if (wanted.length < least) throw new NoValue(path);
  const base = Array.isArray(present) ? present : [];
  const values = wanted.map((solution, index) => {
    const first = base[index] ?? base[0] ?? item(schema?.items, index);
    return elementOf(solution, index, first, path, structure);
  });
  if (!isOfKeys) return values;
  const value =
    schema?.values?.type === 'string' || schema?.values === undefined ? 'value' : smallest(schema.values, '');
  return Object.fromEntries(values.map((key) => [String(key), value]));
}

function elementOf(
  solution: Solution,
  index: number,
  base: unknown,
  path: string,
  structure: KindStructure,
): unknown {
  const own = solution.cells.get('@');
  const below = [...solution.cells.keys()].some((cell) => cell.startsWith('@/'));
  if (own !== undefined && !below) {
    const value = own.values?.[0] ?? scalar(own);
    if (value === undefined) throw new NoValue(`${path}/*`);
    return value;
  }
  if (!below) return isMap(base) ? renamed(base, index) : base;
  const element = isMap(base) ? (renamed(structuredClone(base), index) as Mutable) : {};
  apply(solution, element, '@', `${path}/*`, structure);
  return element;
}

function renamed(map: JsonMap, index: number): JsonMap {
  return index === 0 || typeof map['name'] !== 'string' ? map : { ...map, name: `${map['name']}-${index}` };
}
