/**
 * Macro expansion: calls that are rewritten while parsing. {@link STANDARD_MACROS} are always there; further ones come
 * from libraries.
 */

import type { CallExpr, ComprehensionExpr, Constant, Expr, MapEntry } from './ast.ts';
import type { Macro, MacroContext } from './library.ts';
import { copyExpr } from './tree.ts';

/** Thrown by `MacroContext.fail`: the macro matched and its arguments do not fit. */
export class MacroError extends Error {
  readonly at: Expr;
  constructor(at: Expr, message: string) {
    super(message);
    this.at = at;
  }
}

/** Name of the accumulator; no source text can name it. */
const ACCUMULATOR = '@result';

export type MacroTable = ReadonlyMap<string, Macro>;

const tables = new WeakMap<readonly Macro[], MacroTable>();

/** The standard macros and these; later ones replace earlier ones of the same name, form and arity. */
export function macroTable(macros: readonly Macro[]): MacroTable {
  let table = tables.get(macros);
  if (!table) {
    table = new Map([...STANDARD_MACROS, ...macros].map((m) => [macroKey(m.name, m.member, m.arity), m]));
    tables.set(macros, table);
  }
  return table;
}

export function findMacro(
  table: MacroTable,
  name: string,
  member: boolean,
  arity: number,
): Macro | undefined {
  return table.get(macroKey(name, member, arity)) ?? table.get(macroKey(name, member, 'any'));
}

function macroKey(name: string, member: boolean, arity: number | 'any'): string {
  return `${name}/${member ? 'member' : 'global'}/${arity}`;
}

/**
 * What a macro works with: nodes at the position of its call, ids from the parse. `positions` receives them.
 */
export function createMacroContext(
  positions: Map<number, number>,
  offset: number,
  takeId: () => number,
): MacroContext {
  const idAt = (position: number): number => {
    const id = takeId();
    positions.set(id, position);
    return id;
  };
  return {
    accumulator: ACCUMULATOR,
    nextId: () => idAt(offset),
    copy: (expr) => copyExpr(expr, (id) => idAt(positions.get(id) ?? offset)),
    fail: (at, message) => {
      throw new MacroError(at, message);
    },
  };
}

/** Makes the nodes of an expansion, each with a fresh id. */
export interface MacroNodes {
  literal(value: Constant): Expr;
  bool(value: boolean): Expr;
  int(value: number): Expr;
  string(value: string): Expr;
  ident(name: string): Expr;
  /** The accumulator of the innermost comprehension. */
  accumulator(): Expr;
  call(name: string, ...args: Expr[]): CallExpr;
  memberCall(name: string, target: Expr, ...args: Expr[]): CallExpr;
  select(operand: Expr, field: string): Expr;
  presenceTest(operand: Expr, field: string): Expr;
  list(...elements: Expr[]): Expr;
  map(...entries: MapEntry[]): Expr;
  mapEntry(key: Expr, value: Expr, optional?: boolean): MapEntry;
  comprehension(parts: ComprehensionParts): ComprehensionExpr;
}

/** A fold; `accuVar` is the accumulator unless told, `result` its final value. */
interface ComprehensionParts {
  readonly range: Expr;
  readonly iterVar: string;
  readonly iterVar2?: string;
  readonly accuVar?: string;
  readonly init: Expr;
  /** Checked before each step. */
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

export function macroNodes(context: MacroContext): MacroNodes {
  const id = () => context.nextId();
  const literal = (value: Constant): Expr => ({ kind: 'const', id: id(), value });
  const ident = (name: string): Expr => ({ kind: 'ident', id: id(), name });
  return {
    literal,
    bool: (value) => literal({ type: 'bool', value }),
    int: (value) => literal({ type: 'int', value: BigInt(value) }),
    string: (value) => literal({ type: 'string', value }),
    ident,
    accumulator: () => ident(context.accumulator),
    call: (name, ...args) => ({ kind: 'call', id: id(), function: name, args }),
    memberCall: (name, target, ...args) => ({ kind: 'call', id: id(), target, function: name, args }),
    select: (operand, field) => ({ kind: 'select', id: id(), operand, field, testOnly: false }),
    presenceTest: (operand, field) => ({ kind: 'select', id: id(), operand, field, testOnly: true }),
    list: (...elements) => ({ kind: 'list', id: id(), elements, optionalIndices: [] }),
    map: (...entries) => ({ kind: 'map', id: id(), entries }),
    mapEntry: (key, value, optional = false) => ({ id: id(), key, value, optional }),
    comprehension: (parts) => ({
      kind: 'comprehension',
      id: id(),
      iterVar: parts.iterVar,
      ...(parts.iterVar2 === undefined ? {} : { iterVar2: parts.iterVar2 }),
      iterRange: parts.range,
      accuVar: parts.accuVar ?? context.accumulator,
      accuInit: parts.init,
      loopCondition: parts.condition,
      loopStep: parts.step,
      result: parts.result,
    }),
  };
}

/**
 * The name an argument gives to an iteration variable. `message` is what cel-go says when it is no simple name (it
 * differs between macros).
 */
function iterationVariable(
  context: MacroContext,
  arg: Expr,
  message = 'argument must be a simple name',
): string {
  if (arg.kind !== 'ident') return context.fail(arg, message);
  if (arg.name === context.accumulator || arg.name === '__result__') {
    return context.fail(arg, 'iteration variable overwrites accumulator variable');
  }
  return arg.name;
}

const NOT_AN_IDENTIFIER = 'argument is not an identifier';

const has: Macro['expand'] = (context, _target, [arg]) => {
  if (arg?.kind !== 'select') return context.fail(arg!, 'invalid argument to has() macro');
  return macroNodes(context).presenceTest(arg.operand, arg.field);
};

const all: Macro['expand'] = (context, target, [variable, predicate]) => {
  const make = macroNodes(context);
  const iterVar = iterationVariable(context, variable!);
  return make.comprehension({
    range: target!,
    iterVar,
    init: make.bool(true),
    condition: make.call('@not_strictly_false', make.accumulator()),
    step: make.call('_&&_', make.accumulator(), predicate!),
    result: make.accumulator(),
  });
};

const exists: Macro['expand'] = (context, target, [variable, predicate]) => {
  const make = macroNodes(context);
  const iterVar = iterationVariable(context, variable!);
  return make.comprehension({
    range: target!,
    iterVar,
    init: make.bool(false),
    condition: make.call('@not_strictly_false', make.call('!_', make.accumulator())),
    step: make.call('_||_', make.accumulator(), predicate!),
    result: make.accumulator(),
  });
};

const existsOne: Macro['expand'] = (context, target, [variable, predicate]) => {
  const make = macroNodes(context);
  const iterVar = iterationVariable(context, variable!);
  return make.comprehension({
    range: target!,
    iterVar,
    init: make.int(0),
    condition: make.bool(true),
    step: make.call(
      '_?_:_',
      predicate!,
      make.call('_+_', make.accumulator(), make.int(1)),
      make.accumulator(),
    ),
    result: make.call('_==_', make.accumulator(), make.int(1)),
  });
};

/** `map(x, value)` and `map(x, predicate, value)`. */
const map: Macro['expand'] = (context, target, args) => {
  const make = macroNodes(context);
  const iterVar = iterationVariable(context, args[0]!, NOT_AN_IDENTIFIER);
  const [predicate, value] = args.length === 3 ? [args[1], args[2]] : [undefined, args[1]];
  const append = make.call('_+_', make.accumulator(), make.list(value!));
  return make.comprehension({
    range: target!,
    iterVar,
    init: make.list(),
    condition: make.bool(true),
    step: predicate ? make.call('_?_:_', predicate, append, make.accumulator()) : append,
    result: make.accumulator(),
  });
};

const filter: Macro['expand'] = (context, target, [variable, predicate]) => {
  const make = macroNodes(context);
  const iterVar = iterationVariable(context, variable!, NOT_AN_IDENTIFIER);
  const append = make.call('_+_', make.accumulator(), make.list(variable!));
  return make.comprehension({
    range: target!,
    iterVar,
    init: make.list(),
    condition: make.bool(true),
    step: make.call('_?_:_', predicate!, append, make.accumulator()),
    result: make.accumulator(),
  });
};

/** The macros of every CEL environment (cel-go cel/macro.go: StandardMacros). */
export const STANDARD_MACROS: readonly Macro[] = [
  { name: 'has', member: false, arity: 1, expand: has },
  { name: 'all', member: true, arity: 2, expand: all },
  { name: 'exists', member: true, arity: 2, expand: exists },
  { name: 'exists_one', member: true, arity: 2, expand: existsOne },
  { name: 'map', member: true, arity: 2, expand: map },
  { name: 'map', member: true, arity: 3, expand: map },
  { name: 'filter', member: true, arity: 2, expand: filter },
];
