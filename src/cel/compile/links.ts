/**
 * What generated code refers to. Code is text through and through: it names helpers, and makes constants by code of its
 * own (linking.ts). So it can be kept, and linked again to the same helpers in another run.
 */
import { add, divide, modulo, multiply, negate, subtract } from '../arithmetic.ts';
import { compare } from '../compare.ts';
import { callCost, equalCost, notEqualCost, stringEqualCost } from '../cost.ts';
import { equals } from '../equality.ts';
import type { FunctionDeclaration, Overload } from '../library.ts';
import { OpenList } from '../open-list.ts';
import { NONE, Optional } from '../optional.ts';
import { CLOCK_INTERVAL, type Deadline, type Evaluate } from '../outcome.ts';
import { operatorCost, SINGLETONS } from '../plan/functions.ts';
import type { CallNode, StructTypes } from '../plan/nodes.ts';
import { keptRegex } from '../regex/index.ts';
import { createStruct, insert, putEntry, putField } from '../runtime/build.ts';
import { type Callee, invoke } from '../runtime/call.ts';
import { dispatch } from '../runtime/dispatch.ts';
import { inSet, iterate, mapFind, mapOfEntries } from '../runtime/maps.ts';
import { isAssignable } from '../runtime/names.ts';
import { expectTime } from '../runtime/pace.ts';
import { CelMap, double, Uint } from '../values.ts';
import {
  BAIL,
  containsValue,
  equalCostOrBail,
  equalOrBail,
  known,
  pick,
  pickField,
  pickIndex,
  remembering,
  sizeValue,
  walkCost,
} from './helpers.ts';

export const HELPERS = {
  BAIL,
  CelMap,
  NONE,
  OpenList,
  Optional,
  Uint,
  add,
  compare,
  containsValue,
  createStruct,
  dispatch,
  divide,
  double,
  equalCost,
  equalCostOrBail,
  equalOrBail,
  equals,
  expectTime,
  hasOwn: Object.hasOwn,
  inSet,
  insert,
  invoke,
  isAssignable,
  iterate,
  known,
  mapFind,
  mapOfEntries,
  modulo,
  multiply,
  negate,
  notEqualCost,
  operatorCost,
  pick,
  pickField,
  pickIndex,
  putEntry,
  putField,
  regex: keptRegex,
  remembering,
  sizeValue,
  stringEqualCost,
  subtract,
  walkCost,
};

export type HelperName = keyof typeof HELPERS;

/** What code finds in its `h`: the helpers, and the functions of the libraries it was made with. */
export interface Links extends Readonly<typeof HELPERS> {
  impl(name: string, overload: string): Overload['impl'];
  callee(name: string, overload: string | undefined, argumentCount: number, inserts: boolean): Callee;
  callCost(name: string, overload: string | undefined, argumentCount: number): CallNode['cost'];
}

/** Parameters of {@link Linkable}, as code names them. */
export const PARAMETERS = ['h', 'structs', 'values', 'exact', 'nextStop'] as const;

/** Generated code before it is linked. */
export type Linkable = (
  h: Links,
  structs: StructTypes | undefined,
  /** Constants that no code makes. */
  values: readonly unknown[],
  exact: Evaluate,
  nextStop: (cost: number, limit: number, deadline: Deadline | undefined) => number,
) => Evaluate;

/** What code is linked to beside the helpers. */
export interface Surroundings {
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  readonly structs: StructTypes | undefined;
}

/** The evaluation that code stands for; it calls `exact` where it gives up. */
export function linkCode(
  code: Linkable,
  { functions, structs }: Surroundings,
  exact: Evaluate,
  values: readonly unknown[] = [],
): Evaluate {
  return code(linksOf(functions), structs, values, exact, nextStop);
}

/** The cost at which code has to ask again, -1 when the evaluation has to end. */
function nextStop(cost: number, limit: number, deadline: Deadline | undefined): number {
  if (!(cost <= limit)) return -1;
  if (deadline === undefined) return limit;
  return deadline.now() >= deadline.at ? -1 : Math.min(limit, cost + CLOCK_INTERVAL);
}

const linked = new WeakMap<Surroundings['functions'], Links>();

function linksOf(functions: Surroundings['functions']): Links {
  let links = linked.get(functions);
  if (links === undefined) {
    links = createLinks(functions);
    linked.set(functions, links);
  }
  return links;
}

function createLinks(functions: Surroundings['functions']): Links {
  const declared = (name: string): readonly Overload[] => functions.get(name)?.overloads ?? [];
  const find = (name: string, overload: string | undefined) =>
    declared(name).find(({ id }) => id === overload);
  return {
    ...HELPERS,
    impl: (name, overload) => find(name, overload)!.impl,
    callee: (name, overload, argumentCount, inserts) => ({
      name,
      overload: find(name, overload),
      candidates: declared(name).filter(({ args }) => args.length === argumentCount),
      singleton: SINGLETONS.has(name),
      inserts,
      // Only wording hangs on it, and errors are worded by the exact engine.
      stopsAtError: false,
    }),
    callCost: (name, overload, argumentCount) =>
      callCost(name, find(name, overload), declared(name), argumentCount),
  };
}
