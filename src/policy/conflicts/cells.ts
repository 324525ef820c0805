/** What is known of one field while conditions are put together: narrowed step by step, until nothing is left. */
import { compileRegex } from '../../cel/regex/index.ts';
import type { Constant, Test, TextOperation } from './formula.ts';
import { compares, type ValueType } from './translate.ts';

export interface Cell {
  readonly presence: 'open' | 'absent' | 'present';
  readonly types: ReadonlySet<ValueType>;
  /** The only values; undefined: no such list. */
  readonly values: readonly Constant[] | undefined;
  readonly excluded: ReadonlySet<Constant>;
  readonly low: Bound;
  readonly high: Bound;
  readonly texts: readonly TextTest[];
  readonly least: number;
  readonly most: number;
}

interface Bound {
  readonly value: number;
  readonly open: boolean;
}

type TextTest = Extract<Test, { test: 'text' }>;

const ALL_TYPES: readonly ValueType[] = ['null', 'boolean', 'number', 'string', 'list', 'map'];
const SIZED: readonly ValueType[] = ['string', 'list', 'map'];

export function openCell(
  types: readonly ValueType[] | undefined,
  values: readonly Constant[] | undefined,
): Cell {
  return {
    presence: 'open',
    types: new Set(types ?? ALL_TYPES),
    values,
    excluded: new Set(),
    low: { value: Number.NEGATIVE_INFINITY, open: false },
    high: { value: Number.POSITIVE_INFINITY, open: false },
    texts: [],
    least: 0,
    most: Number.POSITIVE_INFINITY,
  };
}

/** The field under one more condition; undefined when no value meets them all. */
export function narrowed(cell: Cell, test: Test): Cell | undefined {
  if (test.test === 'absent')
    return cell.presence === 'present' ? undefined : { ...cell, presence: 'absent' };
  if (cell.presence === 'absent') return undefined;
  const there: Cell = { ...cell, presence: 'present' };
  switch (test.test) {
    case 'present':
      return possible(there);
    case 'is': {
      const { values } = test;
      const common = there.values === undefined ? values : there.values.filter((v) => values.includes(v));
      return possible({ ...there, values: common });
    }
    case 'not':
      return possible({ ...there, excluded: new Set([...there.excluded, ...test.values]) });
    case 'number':
      return possible(bounded(ofTypes(there, ['number']), test));
    case 'text':
      return possible(withText(ofTypes(there, ['string']), test));
    case 'size':
      return possible({
        ...ofTypes(there, SIZED),
        least: Math.max(there.least, test.least),
        most: Math.min(there.most, test.most),
      });
  }
}

/** The field as something that has fields or elements of its own. */
export function ofTypes(cell: Cell, types: readonly ValueType[]): Cell {
  return { ...cell, types: new Set(types.filter((type) => cell.types.has(type))) };
}

function bounded(cell: Cell, { operation, value }: Extract<Test, { test: 'number' }>): Cell {
  const open = operation === '<' || operation === '>';
  if (operation === '<' || operation === '<=') {
    const tighter = value < cell.high.value || (value === cell.high.value && open);
    return tighter ? { ...cell, high: { value, open } } : cell;
  }
  const tighter = value > cell.low.value || (value === cell.low.value && open);
  return tighter ? { ...cell, low: { value, open } } : cell;
}

function withText(cell: Cell, test: TextTest): Cell {
  const long = test.holds && test.operation !== 'matches' ? [...test.text].length : 0;
  return { ...cell, texts: [...cell.texts, test], least: Math.max(cell.least, long) };
}

/** Undefined when nothing is left; what is returned may still hold nothing that is beyond these rules. */
export function possible(cell: Cell): Cell | undefined {
  if (cell.presence !== 'present') return cell;
  if (cell.most < cell.least || contradictory(cell.texts)) return undefined;
  const types = new Set([...cell.types].filter((type) => typePossible(type, cell)));
  if (types.size === 0) return undefined;
  const left = { ...cell, types };
  if (cell.values === undefined) return left;
  const values = cell.values.filter((value) => meets(left, value));
  return values.length === 0 ? undefined : { ...left, values };
}

function typePossible(type: ValueType, { low, high, excluded, values }: Cell): boolean {
  if (values !== undefined) return values.some((value) => typeOf(value) === type);
  if (type === 'null') return !excluded.has(null);
  if (type === 'boolean') return !(excluded.has(true) && excluded.has(false));
  if (type !== 'number' || low.value < high.value) return true;
  return low.value === high.value && !low.open && !high.open && !excluded.has(low.value);
}

function typeOf(value: Constant): ValueType {
  return value === null ? 'null' : (typeof value as 'boolean' | 'number' | 'string');
}

/** Whether a value meets all that is known of the field. */
export function meets(cell: Cell, value: Constant): boolean {
  if (!cell.types.has(typeOf(value)) || cell.excluded.has(value)) return false;
  if (cell.values !== undefined && !cell.values.includes(value)) return false;
  if (typeof value === 'number')
    return (
      compares(value, cell.low.open ? '>' : '>=', cell.low.value) &&
      compares(value, cell.high.open ? '<' : '<=', cell.high.value)
    );
  if (typeof value !== 'string') return true;
  const size = [...value].length;
  return (
    size >= cell.least &&
    size <= cell.most &&
    cell.texts.every((test) => textHolds(test, value) !== !test.holds)
  );
}

/** Undefined for a pattern that is none: then everything is possible. */
function textHolds({ operation, text }: TextTest, value: string): boolean | undefined {
  switch (operation) {
    case 'startsWith':
      return value.startsWith(text);
    case 'endsWith':
      return value.endsWith(text);
    case 'contains':
      return value.includes(text);
    case 'matches': {
      const regex = compileRegex(text);
      return 'error' in regex ? undefined : regex.test(value);
    }
  }
}

/** What no text can do at once: begin in two ways, match a pattern and not. */
function contradictory(tests: readonly TextTest[]): boolean {
  const asked = (operation: TextOperation, holds = true) =>
    tests.filter((test) => test.operation === operation && test.holds === holds).map(({ text }) => text);
  const fit = (texts: readonly string[], begins: (a: string, b: string) => boolean) =>
    texts.every((a) => texts.every((b) => begins(a, b) || begins(b, a)));
  const starts = asked('startsWith');
  const ends = asked('endsWith');
  const parts = [...starts, ...ends, ...asked('contains')];
  return (
    !fit(starts, (a, b) => a.startsWith(b)) ||
    !fit(ends, (a, b) => a.endsWith(b)) ||
    asked('startsWith', false).some((text) => starts.some((start) => start.startsWith(text))) ||
    asked('endsWith', false).some((text) => ends.some((end) => end.endsWith(text))) ||
    asked('contains', false).some((text) => parts.some((part) => part.includes(text))) ||
    asked('matches', false).some((pattern) => asked('matches').includes(pattern))
  );
}
