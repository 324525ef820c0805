/**
 * Which parts of an object a policy can read at all. A scan keeps objects for policies that look up others until every
 * file is read; of thousands it can keep only what will be asked.
 */
import type { Expr } from '../../cel/ast.ts';
import { children } from '../../cel/tree.ts';
import type { JsonMap } from '../../model/index.ts';
import { isMap, own, put } from '../json.ts';

/** Fields from the object, or from its pod template, to something that is read; empty: all of it. */
export interface Reads {
  readonly object: readonly Path[];
  readonly pod: readonly Path[];
}

type Path = readonly string[];

const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'];

export function readsOf(expressions: readonly Expr[]): Reads {
  const reads = { object: new Map<string, Path>(), pod: new Map<string, Path>() };
  for (const expr of expressions) collect(expr, new Set(), reads);
  return { object: [...reads.object.values()], pod: [...reads.pod.values()] };
}

export function mergeReads(all: readonly Reads[]): Reads {
  return { object: all.flatMap(({ object }) => object), pod: all.flatMap(({ pod }) => pod) };
}

function collect(expr: Expr, bound: ReadonlySet<string>, into: Record<keyof Reads, Map<string, Path>>): void {
  const found = pathOf(expr, []);
  if (found !== undefined) {
    if (!bound.has(found.root)) note(found, into);
    return;
  }
  for (const child of children(expr)) {
    const binds = expr.kind === 'comprehension' && child !== expr.iterRange && child !== expr.accuInit;
    collect(
      child,
      binds ? new Set([...bound, expr.iterVar, expr.iterVar2 ?? '', expr.accuVar]) : bound,
      into,
    );
  }
}

function note({ root, path }: Found, into: Record<keyof Reads, Map<string, Path>>): void {
  const add = (of: keyof Reads, fields: Path) => into[of].set(fields.join('\n'), fields);
  if (root === 'object') add('object', path);
  else if (root === 'pod') add('pod', path);
  else if (root === 'containers') for (const list of CONTAINER_LISTS) add('pod', ['spec', list]);
}

interface Found {
  readonly root: string;
  readonly path: Path;
}

/** A name and the constant fields that are selected from it, however that is written; undefined for anything else. */
function pathOf(expr: Expr, below: Path): Found | undefined {
  if (expr.kind === 'ident') return { root: expr.name.replace(/^\./, ''), path: below };
  if (expr.kind === 'select') return pathOf(expr.operand, [expr.field, ...below]);
  if (expr.kind !== 'call' || !['_?._', '_[_]', '_[?_]'].includes(expr.function)) return undefined;
  const [operand, key] = expr.args;
  if (operand === undefined || key?.kind !== 'const') return undefined;
  // An index of a list, or the like: all of the list is kept.
  return pathOf(operand, key.value.type === 'string' ? [key.value.value, ...below] : []);
}

/** What to keep of a map: fields, each whole (null) or in part. */
export type Part = readonly (readonly [field: string, part: Part | null])[];

/** What is read of the objects of a kind, and their identity; null when everything may be. */
export function partOf(reads: Reads, template: string | undefined): Part | null {
  const fields = template === undefined || template === '' ? [] : template.slice(1).split('/');
  return joined([
    ['apiVersion'],
    ['kind'],
    ['metadata'],
    ...reads.object,
    ...(template === undefined
      ? []
      : [...reads.pod, ['metadata'], ['spec', '']].map((path) => [...fields, ...path])),
  ]);
}

/** Of paths that begin alike one tree; null where one of them ends. */
function joined(paths: readonly Path[]): Part | null {
  const below = new Map<string, Path[]>();
  for (const [field, ...rest] of paths) {
    if (field === undefined) return null;
    below.set(field, [...(below.get(field) ?? []), rest]);
  }
  return [...below].map(([field, rests]) => [field, joined(rests)]);
}

/** The object with nothing in it but a part. What is no map, where a part of one is meant, stays as it is. */
export function pruned(object: JsonMap, part: Part): JsonMap {
  const result: Record<string, unknown> = {};
  for (const [field, inner] of part) {
    const value = own(object, field);
    if (value !== undefined)
      put(result, field, inner !== null && isMap(value) ? pruned(value, inner) : value);
  }
  return result;
}
