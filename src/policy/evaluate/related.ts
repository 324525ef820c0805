import { CelError } from '../../cel/errors.ts';
import { OpenList } from '../../cel/open-list.ts';
import type { Value } from '../../cel/values.ts';
import type { Lookup, LookupCode } from '../form.ts';
import type { Outcome, Program } from '../program.ts';
import { plainMap, selectorOf } from '../related/selector.ts';
import type { Coverage, LookedUp } from '../related/surroundings.ts';
import { type Asked, textsOf } from '../related/table.ts';
import { refuse, type Slot } from './slot.ts';
import type { Vars } from './vars.ts';

/**
 * The `related` of one policy: each lookup is made when it is first read, at most once per evaluation. It costs what its
 * expressions cost, one for itself and one for each candidate that was looked at, charged to the expressions that read
 * it. Of a namespace that nobody knows all of, only what is there is known: see {@link OpenList}.
 */
export interface RelatedScope {
  /** What expressions see as `related`. */
  readonly related: object;
  reset(vars: Vars): void;
  takeCost(): number;
}

export function createRelatedScope(
  lookups: readonly Lookup[],
  codes: readonly LookupCode[],
  limit: number,
): RelatedScope {
  const slots: Slot[] = lookups.map(() => undefined);
  let vars: Vars;
  let cost = 0;

  function evaluate(program: Program): Value {
    const outcome: Outcome = program.evaluate(vars, limit, vars.$deadline);
    cost += outcome.cost;
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }

  function look(index: number): Value {
    const lookup = lookups[index]!;
    const code = codes[index]!;
    const surroundings = vars.$context.surroundings ?? NOTHING_KNOWN;
    const asked = askedBy(lookup, code.ask === null ? null : evaluate(code.ask));
    const namespace = namespaceOf(lookup, code.namespace === null ? null : evaluate(code.namespace), vars);
    const found = surroundings.find(lookup, code, asked, namespace);
    cost += 1 + found.examined;
    const items = found.items as Value[];
    // A name belongs to one object: with each of them found, there are no others.
    const isAll = asked.kind === 'name' && found.doubt === undefined && items.length >= asked.texts.length;
    if (isAll) return items;
    const coverage = surroundings.coverage(lookup, namespace);
    const doubt = doubtOf(found.doubt, coverage, vars.$presumes);
    if (doubt !== undefined) return new OpenList(items, new CelError('needs-related', doubt));
    if (coverage.kind === 'defined') vars.$presumed = true;
    return items;
  }

  function read(index: number): Value {
    const slot = slots[index] ?? refuse(() => look(index));
    slots[index] = slot;
    if ('error' in slot) throw slot.error;
    return slot.value;
  }

  const related: object = Object.create(null);
  lookups.forEach(({ name }, index) => {
    Object.defineProperty(related, name, { enumerable: true, get: () => read(index) });
  });
  return {
    related,
    reset: (next) => {
      vars = next;
      cost = 0;
      slots.fill(undefined);
    },
    takeCost: () => {
      const taken = cost;
      cost = 0;
      return taken;
    },
  };
}

function doubtOf(doubt: string | undefined, coverage: Coverage, presumes: boolean): string | undefined {
  if (doubt !== undefined) return doubt;
  if (coverage.kind === 'open') return coverage.detail;
  return coverage.kind === 'defined' && !presumes ? 'the files define the namespace' : undefined;
}

function askedBy({ name, by }: Lookup, value: Value): Asked {
  switch (by.kind) {
    case 'all':
      return { kind: 'all' };
    case 'name':
    case 'key': {
      const texts = textsOf(value);
      if (texts === undefined) throw unfit(name, by.kind === 'name' ? 'named' : 'shares', TEXTS);
      return { kind: by.kind, texts: [...new Set(texts)] };
    }
    case 'labels': {
      const selector = selectorOf(value);
      if (selector === undefined) throw unfit(name, 'selected', 'a label selector or a map of labels');
      return { kind: 'labels', selector };
    }
    case 'selector': {
      const labels = plainMap(value);
      if (labels === undefined) throw unfit(name, 'selecting', 'a map of labels');
      return { kind: 'selector', labels };
    }
  }
}

const TEXTS = 'a string or a list of strings';

/** Undefined: everywhere. */
function namespaceOf({ name, namespace }: Lookup, value: Value, vars: Vars): string | undefined {
  if (namespace === 'everywhere') return undefined;
  // A cluster-scoped object has none.
  if (namespace === null) return vars.$request.namespace || undefined;
  if (typeof value !== 'string') throw unfit(name, 'namespace', 'a string');
  return value;
}

function unfit(lookup: string, field: string, expected: string): CelError {
  return new CelError('invalid-argument', `related.${lookup}: ${field} is not ${expected}`);
}

/** Of an evaluation that was told of nothing but the object. */
export const NOTHING_KNOWN: LookedUp = {
  find: () => ({ items: [], doubt: undefined, examined: 0 }),
  coverage: () => ({ kind: 'open', detail: 'nothing is known of other objects' }),
};
