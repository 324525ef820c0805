/**
 * Whether conditions can hold together: alternatives are tried one by one, each narrowing what is known of the fields,
 * until a field has no value left. What is yielded may hold no object (patterns are not looked into); where nothing is
 * yielded, none exists.
 */
import { type Cell, narrowed, ofTypes, openCell, possible } from './cells.ts';
import {
  and,
  type CellFormula,
  type Constant,
  type ElementsFormula,
  type Formula,
  type JoinFormula,
  TRUE,
} from './formula.ts';
import type { ValueType } from './translate.ts';

/** What every valid object of a kind is like. */
export interface Structure {
  typesOf(path: string): readonly ValueType[] | undefined;
  /** The only values of the field; undefined: any. */
  valuesOf(path: string): readonly Constant[] | undefined;
  /** Fewest elements of a list where it is. */
  leastOf(path: string): number;
  /** Whether the field is there wherever the one that holds it is. */
  isRequired(path: string): boolean;
}

/** Conditions that go together, of the object or of one element. */
export interface Solution {
  readonly cells: ReadonlyMap<string, Cell>;
  /** Elements that the lists must have; where only `every` speaks of a list, one example of an element. */
  readonly lists: ReadonlyMap<string, ListSolution>;
  /** Conditions that were not understood, with what they must be. */
  readonly opaque: ReadonlyMap<string, boolean>;
}

export interface ListSolution {
  readonly elements: readonly Solution[];
  /** What an element must be like that nothing else is asked of; undefined: there can be none. */
  readonly filler: Solution | undefined;
}

export class OutOfSteps extends Error {}

/** Counted down over one question. */
export interface Steps {
  left: number;
}

/** @param at path of the list's elements (`object/spec/containers/*`) when the formula is about one of them */
export function* solutions(
  formula: Formula,
  structure: Structure,
  steps: Steps,
  at?: string,
): Iterable<Solution> {
  const start: State = { cells: new Map(), every: new Map(), some: new Map(), opaque: new Map() };
  yield* search([formula], [], start, { structure, steps, at });
}

export function isSatisfiable(formula: Formula, structure: Structure, steps: Steps, at?: string): boolean {
  for (const _ of solutions(formula, structure, steps, at)) return true;
  return false;
}

interface State {
  readonly cells: Map<string, Cell>;
  readonly every: Map<string, Formula[]>;
  readonly some: Map<string, Formula[]>;
  readonly opaque: Map<string, boolean>;
}

interface Search {
  readonly structure: Structure;
  readonly steps: Steps;
  readonly at: string | undefined;
}

function* search(
  pending: readonly Formula[],
  alternatives: readonly JoinFormula[],
  state: State,
  context: Search,
): Iterable<Solution> {
  if (--context.steps.left < 0) throw new OutOfSteps();
  const open = [...alternatives];
  const queue = [...pending];
  for (let formula = queue.pop(); formula !== undefined; formula = queue.pop()) {
    if (formula.kind === 'and') queue.push(...formula.parts);
    else if (formula.kind === 'or') open.push(formula);
    else if (!assume(formula, state, context)) return;
  }
  const next = fewest(open, state, context);
  if (next === undefined) {
    const solution = complete(state, context);
    if (solution !== undefined) yield solution;
    return;
  }
  const rest = open.filter((other) => other !== next.of);
  for (const choice of plainestFirst(next.choices)) yield* search([choice], rest, copy(state), context);
}

/** Fields that need not be there are left out first: examples are then short. */
function plainestFirst(choices: readonly Formula[]): readonly Formula[] {
  const isAbsent = (formula: Formula) => formula.kind === 'cell' && formula.test.test === 'absent';
  return [...choices.filter(isAbsent), ...choices.filter((choice) => !isAbsent(choice))];
}

/** The open question with the fewest answers left. */
function fewest(
  open: readonly JoinFormula[],
  state: State,
  context: Search,
): { of: JoinFormula; choices: readonly Formula[] } | undefined {
  let best: { of: JoinFormula; choices: readonly Formula[] } | undefined;
  for (const of of open) {
    const choices = of.parts.filter((part) => !isRefuted(part, state, context));
    if (best === undefined || choices.length < best.choices.length) best = { of, choices };
    if (best.choices.length <= 1) return best;
  }
  return best;
}

function isRefuted(formula: Formula, state: State, context: Search): boolean {
  if (formula.kind === 'and') return formula.parts.some((part) => isRefuted(part, state, context));
  if (formula.kind === 'cell')
    return narrowed(cellAt(formula.path, state, context), formula.test) === undefined;
  return formula.kind === 'opaque' && state.opaque.get(formula.text) === !formula.holds;
}

function copy(state: State): State {
  const lists = (of: Map<string, Formula[]>) => new Map([...of].map(([path, list]) => [path, [...list]]));
  return {
    cells: new Map(state.cells),
    every: lists(state.every),
    some: lists(state.some),
    opaque: new Map(state.opaque),
  };
}

function fullPath(path: string, { at }: Search): string {
  return at === undefined ? path : at + path.slice(1);
}

function cellAt(path: string, state: State, context: Search): Cell {
  const known = state.cells.get(path);
  if (known !== undefined) return known;
  const full = fullPath(path, context);
  return openCell(context.structure.typesOf(full), context.structure.valuesOf(full));
}

/** False when it cannot hold beside the rest. */
function assume(formula: Exclude<Formula, JoinFormula>, state: State, context: Search): boolean {
  switch (formula.kind) {
    case 'true':
      return true;
    case 'false':
      return false;
    case 'opaque': {
      const known = state.opaque.get(formula.text);
      state.opaque.set(formula.text, formula.holds);
      return known === undefined || known === formula.holds;
    }
    case 'cell':
      return assumeCell(formula, state, context);
    case 'every':
    case 'some':
      return assumeElements(formula, state, context);
  }
}

function assumeCell({ path, test }: CellFormula, state: State, context: Search): boolean {
  const cell = narrowed(cellAt(path, state, context), test);
  if (cell === undefined) return false;
  state.cells.set(path, cell);
  return test.test === 'absent' || holdersAre(path, state, context);
}

/** What has a field is a map, and there. */
function holdersAre(path: string, state: State, context: Search): boolean {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const holder = path.slice(0, end);
    const there = narrowed(cellAt(holder, state, context), { test: 'present' });
    const cell = there === undefined ? undefined : possible(ofTypes(there, ['map']));
    if (cell === undefined) return false;
    state.cells.set(holder, cell);
  }
  return true;
}

function assumeElements(formula: ElementsFormula, state: State, context: Search): boolean {
  const { kind, path, of } = formula;
  const there = narrowed(cellAt(path, state, context), {
    test: 'size',
    least: kind === 'some' ? 1 : 0,
    most: Number.POSITIVE_INFINITY,
  });
  const cell = there === undefined ? undefined : possible(ofTypes(there, ['list', 'map']));
  if (cell === undefined) return false;
  state.cells.set(path, cell);
  const list = state[kind].get(path);
  if (list === undefined) state[kind].set(path, [of]);
  else list.push(of);
  return holdersAre(path, state, context);
}

/** The state as a solution, when its lists have elements that are possible and nothing required is missing. */
function complete(state: State, context: Search): Solution | undefined {
  const { structure } = context;
  const lists = new Map<string, ListSolution>();
  for (const [path, cell] of state.cells) {
    const full = fullPath(path, context);
    const holder = path.slice(0, path.lastIndexOf('/'));
    if (cell.presence === 'absent' && structure.isRequired(full) && isThere(holder, state)) return undefined;
    if (!state.every.has(path) && !state.some.has(path)) continue;
    const least = Math.max(cell.least, structure.leastOf(full));
    const list = elementsOf(path, least, cell.most, state, context);
    if (list === undefined) return undefined;
    lists.set(path, list);
  }
  const tooSmall = [...state.cells].some(
    ([path, cell]) => cell.presence === 'present' && cell.most < structure.leastOf(fullPath(path, context)),
  );
  return tooSmall ? undefined : { cells: state.cells, lists, opaque: state.opaque };
}

function isThere(path: string, state: State): boolean {
  return !path.includes('/') || state.cells.get(path)?.presence === 'present';
}

function elementsOf(
  path: string,
  least: number,
  most: number,
  state: State,
  context: Search,
): ListSolution | undefined {
  const every = and(...(state.every.get(path) ?? [TRUE]));
  const at = `${fullPath(path, context)}/*`;
  const first = (formula: Formula): Solution | undefined => {
    for (const solution of solutions(formula, context.structure, context.steps, at)) return solution;
    return undefined;
  };
  const filler = first(every);
  const wanted: { of: Formula; element: Solution }[] = [];
  for (const some of state.some.get(path) ?? []) {
    const element = first(and(every, some));
    if (element === undefined) return undefined;
    if (wanted.length < most || !share(wanted, some, first)) {
      // Of a single element everything is asked; which of several has to meet what is not tried in all ways.
      if (most === 1 && wanted.length === 1) return undefined;
      wanted.push({ of: and(every, some), element });
    }
  }
  const elements = wanted.map(({ element }) => element);
  return filler === undefined && least > 0 ? undefined : { elements, filler };
}

/** Where a list has no room for one more, an element that is there anyway may do. */
function share(
  wanted: { of: Formula; element: Solution }[],
  some: Formula,
  first: (formula: Formula) => Solution | undefined,
): boolean {
  for (const [i, { of }] of wanted.entries()) {
    const joint = and(of, some);
    const element = first(joint);
    if (element === undefined) continue;
    wanted[i] = { of: joint, element };
    return true;
  }
  return false;
}
