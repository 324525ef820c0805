/** Comprehensions with two variables, index and element or key and value (cel-go ext/comprehensions.go). */
import type { Expr } from '../ast.ts';
import { CelError } from '../errors.ts';
import type { Library, Macro, MacroContext } from '../library.ts';
import { type MacroNodes, macroNodes } from '../macros.ts';
import { type MapKey, mapEntries, requireMapKey } from '../runtime/maps.ts';
import { mapOf, param } from '../types.ts';
import { CelMap, type JsonObject, type Value } from '../values.ts';
import { declare, global } from './declare.ts';
import { showValue } from './text.ts';

interface Variables {
  readonly iterVar: string;
  readonly iterVar2: string;
}

function variables(context: MacroContext, args: readonly Expr[]): Variables {
  const [first, second] = args.slice(0, 2).map((arg) => {
    if (arg.kind !== 'ident') return context.fail(arg, 'argument must be a simple name');
    return arg.name;
  }) as [string, string];
  if (first === second) context.fail(args[1]!, `duplicate variable name: ${first}`);
  [first, second].forEach((name, i) => {
    if (name === context.accumulator || name === '__result__') {
      context.fail(args[i]!, 'iteration variable overwrites accumulator variable');
    }
  });
  return { iterVar: first, iterVar2: second };
}

const all: Macro['expand'] = (context, target, args) => {
  const names = variables(context, args);
  const make = macroNodes(context);
  return make.comprehension({
    range: target!,
    ...names,
    init: make.bool(true),
    condition: make.call('@not_strictly_false', make.accumulator()),
    step: make.call('_&&_', make.accumulator(), args[2]!),
    result: make.accumulator(),
  });
};

const exists: Macro['expand'] = (context, target, args) => {
  const names = variables(context, args);
  const make = macroNodes(context);
  return make.comprehension({
    range: target!,
    ...names,
    init: make.bool(false),
    condition: make.call('@not_strictly_false', make.call('!_', make.accumulator())),
    step: make.call('_||_', make.accumulator(), args[2]!),
    result: make.accumulator(),
  });
};

const existsOne: Macro['expand'] = (context, target, args) => {
  const names = variables(context, args);
  const make = macroNodes(context);
  return make.comprehension({
    range: target!,
    ...names,
    init: make.int(0),
    condition: make.bool(true),
    step: make.call('_?_:_', args[2]!, make.call('_+_', make.accumulator(), make.int(1)), make.accumulator()),
    result: make.call('_==_', make.accumulator(), make.int(1)),
  });
};

/** A fold that adds something for each pair, or, with a fourth argument before it, for those that pass a filter. */
function transform(
  start: (make: MacroNodes) => Expr,
  add: (make: MacroNodes, names: Variables, value: Expr) => Expr,
): Macro['expand'] {
  return (context, target, args) => {
    const names = variables(context, args);
    const make = macroNodes(context);
    const filter = args.length === 4 ? args[2] : undefined;
    const added = add(make, names, args[args.length - 1]!);
    const step = filter === undefined ? added : make.call('_?_:_', filter, added, make.accumulator());
    return make.comprehension({
      range: target!,
      ...names,
      init: start(make),
      condition: make.bool(true),
      step,
      result: make.accumulator(),
    });
  };
}

const INSERT = 'cel.@mapInsert';

const transformList = transform(
  (make) => make.list(),
  (make, _names, value) => make.call('_+_', make.accumulator(), make.list(value)),
);
const transformMap = transform(
  (make) => make.map(),
  (make, { iterVar }, value) => make.call(INSERT, make.accumulator(), make.ident(iterVar), value),
);
const transformMapEntry = transform(
  (make) => make.map(),
  (make, _names, entry) => make.call(INSERT, make.accumulator(), entry),
);

/** The map under construction: only the accumulator holds it, so it grows in place. */
class GrowingMap extends CelMap {
  declare readonly $entries: Map<MapKey, readonly [Value, Value]>;
}

function growing(map: CelMap | JsonObject): GrowingMap {
  if (map instanceof GrowingMap) return map;
  return new GrowingMap(new Map(mapEntries(map).map((entry) => [requireMapKey(entry[0]), entry])));
}

function insert(map: CelMap | JsonObject, key: Value, value: Value): CelMap {
  const grown = growing(map);
  const canonical = requireMapKey(key);
  if (grown.$entries.has(canonical)) {
    throw new CelError('duplicate-key', `insert failed: key ${showValue(key)} already exists`);
  }
  grown.$entries.set(canonical, [key, value]);
  return grown;
}

function insertAll(map: CelMap | JsonObject, entries: CelMap | JsonObject): CelMap {
  let grown: CelMap = growing(map);
  for (const [key, value] of mapEntries(entries)) grown = insert(grown, key, value);
  return grown;
}

const K = param('K');
const V = param('V');
const MAP = mapOf(K, V);

const macro = (name: string, arity: number, expand: Macro['expand']): Macro => ({
  name,
  member: true,
  arity,
  expand,
});

export const twoVariableComprehensions: Library = Object.freeze({
  name: 'cel.comprehensions',
  since: 32,
  functions: declare({
    [INSERT]: [
      global('@mapInsert_map_key_value', [MAP, K, V], MAP, insert),
      global('@mapInsert_map_map', [MAP, MAP], MAP, insertAll),
    ],
  }),
  macros: [
    macro('all', 3, all),
    macro('exists', 3, exists),
    macro('existsOne', 3, existsOne),
    macro('exists_one', 3, existsOne),
    macro('transformList', 3, transformList),
    macro('transformList', 4, transformList),
    macro('transformMap', 3, transformMap),
    macro('transformMap', 4, transformMap),
    macro('transformMapEntry', 3, transformMapEntry),
    macro('transformMapEntry', 4, transformMapEntry),
  ],
});
