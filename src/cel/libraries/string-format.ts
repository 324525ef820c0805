/**
 * `'%s is %d'.format([a, b])` as cel-go's strings extension does it up to version 3 (ext/formatting.go). Its numbers
 * pass through golang.org/x/text in English: `%f` groups thousands and `%e` writes `1.5×10⁰³`, with the quirks noted
 * below.
 */
import { CelError } from '../errors.ts';
import { mapEntries } from '../runtime/maps.ts';
import { typeName } from '../runtime/names.ts';
import { expectTime } from '../runtime/pace.ts';
import { formatDouble } from '../stdlib/numbers.ts';
import { Duration, formatDuration, formatTimestamp, Timestamp } from '../stdlib/time.ts';
import { TypeValue } from '../stdlib/type-value.ts';
import { CelMap, Uint, type Value } from '../values.ts';
import { formatFixed, formatScientific } from './number-format.ts';
import { quoteGo, showDouble } from './text.ts';

/** What one clause makes of one argument; the checker of constant calls brings its own. */
export interface Clauses<Argument> {
  string(arg: Argument): string;
  decimal(arg: Argument): string;
  fixed(arg: Argument, precision: number): string;
  scientific(arg: Argument, precision: number): string;
  binary(arg: Argument): string;
  hex(arg: Argument, upper: boolean): string;
  octal(arg: Argument): string;
}

const DEFAULT_PRECISION = 6;

const fail = (message: string): never => {
  throw new CelError('invalid-argument', message);
};

/**
 * Runs the clauses of a template over its arguments in order; `used` is how many it asked for.
 * More arguments than clauses are no error here.
 */
export function interpolate<A>(
  template: string,
  args: readonly A[],
  clauses: Clauses<A>,
): { text: string; used: number } {
  let out = '';
  let next = 0;
  for (let i = 0; i < template.length; ) {
    const percent = template.indexOf('%', i);
    if (percent < 0) {
      out += template.slice(i);
      break;
    }
    out += template.slice(i, percent);
    i = percent + 1;
    if (template[i] === '%') {
      out += '%';
      i++;
      continue;
    }
    if (next >= args.length) fail(`index ${next} out of range`);
    if (i >= template.length) fail('unexpected end of string');
    const { clause, end } = readClause(template, i, clauses);
    try {
      out += clause(args[next++]!);
    } catch (error) {
      if (error instanceof CelError) fail(`error during formatting: ${error.$message}`);
      throw error;
    }
    i = end;
  }
  return { text: out, used: next };
}

function readClause<A>(
  template: string,
  start: number,
  clauses: Clauses<A>,
): { clause: (arg: A) => string; end: number } {
  let i = start;
  let precision = DEFAULT_PRECISION;
  if (template[i] === '.') {
    const digits = /^[0-9]*/.exec(template.slice(i + 1))![0];
    i += 1 + digits.length;
    precision = readPrecision(digits, i >= template.length);
  }
  const end = i + 1;
  switch (template[i]) {
    case 's':
      return { clause: clauses.string, end };
    case 'd':
      return { clause: clauses.decimal, end };
    case 'f':
      return { clause: (arg) => clauses.fixed(arg, precision), end };
    case 'e':
      return { clause: (arg) => clauses.scientific(arg, precision), end };
    case 'b':
      return { clause: clauses.binary, end };
    case 'x':
      return { clause: (arg) => clauses.hex(arg, false), end };
    case 'X':
      return { clause: (arg) => clauses.hex(arg, true), end };
    case 'o':
      return { clause: clauses.octal, end };
    default: {
      // cel-go reads one byte here, and shows it as the character of that number.
      const byte = Buffer.from(String.fromCodePoint(template.codePointAt(i)!))[0]!;
      return fail(
        `could not parse formatting clause: unrecognized formatting clause "${String.fromCharCode(byte)}"`,
      );
    }
  }
}

function readPrecision(digits: string, atEnd: boolean): number {
  const prefix = 'could not parse formatting clause: error while parsing precision:';
  if (atEnd) fail(`${prefix} could not find end of precision specifier`);
  const problem = (what: string): never =>
    fail(`${prefix} error while converting precision to integer: strconv.Atoi: parsing "${digits}": ${what}`);
  if (digits === '') problem('invalid syntax');
  const significant = digits.replace(/^0+/, '');
  const value = significant.length > 19 ? undefined : BigInt(significant);
  if (value === undefined || value > 0x7fff_ffff_ffff_ffffn) return problem('value out of range');
  // What prints it looks at these bits only.
  return Number(value & 0xffffn);
}

const STRINGABLE =
  'strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given';

export const clauseErrors = {
  string: (type: string) => `string clause can only be used on ${STRINGABLE} ${type}`,
  decimal: (type: string) => `decimal clause can only be used on integers, was given ${type}`,
  fixed: (type: string) => `fixed-point clause can only be used on doubles, was given ${type}`,
  scientific: (type: string) => `scientific clause can only be used on doubles, was given ${type}`,
  binary: (type: string) => `only integers and bools can be formatted as binary, was given ${type}`,
  hex: (type: string) =>
    `only integers, byte buffers, and strings can be formatted as hex, was given ${type}`,
  octal: (type: string) => `octal clause can only be used on integers, was given ${type}`,
} as const;

const RUN: Clauses<Value> = {
  string: showString,
  decimal: (arg) => integer(arg, 10) ?? fail(clauseErrors.decimal(typeName(arg))),
  fixed: (arg, precision) => formatFixed(number(arg, clauseErrors.fixed), precision),
  scientific: (arg, precision) => formatScientific(number(arg, clauseErrors.scientific), precision),
  binary: (arg) => {
    if (typeof arg === 'boolean') return arg ? '1' : '0';
    return integer(arg, 2) ?? fail(clauseErrors.binary(typeName(arg)));
  },
  hex: (arg, upper) => {
    const text = hexDigits(arg);
    return upper ? text.toUpperCase() : text;
  },
  octal: (arg) => integer(arg, 8) ?? fail(clauseErrors.octal(typeName(arg))),
};

/** `<string>.format(<list>)`. */
export function formatString(template: string, args: readonly Value[]): string {
  return interpolate(template, args, RUN).text;
}

function integer(arg: Value, radix: number): string | undefined {
  if (typeof arg === 'number' || typeof arg === 'bigint') return arg.toString(radix);
  return arg instanceof Uint ? arg.$value.toString(radix) : undefined;
}

/** Doubles, and the strings that stand for those JSON cannot hold. */
function number(arg: Value, error: (type: string) => string): number {
  if (arg instanceof Number) return arg.valueOf();
  if (arg === 'NaN' || arg === 'Infinity' || arg === '-Infinity') return Number(arg);
  return fail(error(typeName(arg)));
}

function hexDigits(arg: Value): string {
  if (typeof arg === 'string') return Buffer.from(arg).toString('hex');
  if (arg instanceof Uint8Array) return Buffer.from(arg).toString('hex');
  return integer(arg, 16) ?? fail(clauseErrors.hex(typeName(arg)));
}

function showString(arg: Value): string {
  if (Array.isArray(arg)) return showList(arg);
  if (isMap(arg)) return showMap(arg);
  if (arg === null) return 'null';
  return scalar(arg) ?? fail(clauseErrors.string(typeName(arg)));
}

function isMap(arg: Value): arg is CelMap {
  return arg instanceof CelMap || typeName(arg) === 'map';
}

/** `string(x)`, for what has it. */
function scalar(arg: Value): string | undefined {
  switch (typeof arg) {
    case 'string':
      return arg;
    case 'boolean':
    case 'number':
    case 'bigint':
      return String(arg);
  }
  if (arg instanceof Number) return formatDouble(arg.valueOf());
  if (arg instanceof Uint) return String(arg.$value);
  if (arg instanceof Uint8Array) return decode(arg);
  if (arg instanceof Duration) return formatDuration(arg);
  if (arg instanceof Timestamp) return formatTimestamp(arg);
  return arg instanceof TypeValue ? arg.$name : undefined;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fail('could not convert argument "invalid UTF-8 in bytes, cannot convert to string" to string');
  }
}

function showList(list: readonly Value[]): string {
  expectTime(list.length * MEMBER_TIME);
  return `[${shown(list, showMember).join(', ')}]`;
}

/** Nanoseconds: of an element or entry, of a unit of a quoted text. */
const MEMBER_TIME = 500;
const QUOTE_TIME = 20;

/** Costs grow with the template alone: a list that names one long text often could fill the memory. */
const LONGEST = 2 ** 26;

function shown<T>(parts: readonly T[], show: (part: T) => string): readonly string[] {
  let size = 0;
  return parts.map((part) => {
    const text = show(part);
    size += text.length;
    if (size > LONGEST) throw new CelError('overflow', 'string too long');
    return text;
  });
}

function showMap(map: CelMap): string {
  const all = mapEntries(map);
  expectTime(all.length * MEMBER_TIME);
  const entries = all.map(([key, value]) => [showKey(key), value] as const);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${shown(entries, ([key, value]) => `${key}:${showMember(value)}`).join(', ')}}`;
}

function showKey(key: Value): string {
  if (typeof key === 'string') return quoteGo(key);
  if (typeof key === 'boolean') return String(key);
  return integer(key, 10) ?? fail(`no formatting function for map key of type ${typeName(key)}`);
}

/** A value inside a list or map, written so that it can be read back as CEL. */
function showMember(value: Value): string {
  if (typeof value === 'string') {
    expectTime(value.length * QUOTE_TIME);
    return quoteGo(value);
  }
  if (value instanceof Uint8Array) return `b${quoteGo(decode(value))}`;
  if (value instanceof Number) {
    const number = value.valueOf();
    return Number.isFinite(number) ? formatFixed(number, DEFAULT_PRECISION, '') : `"${showDouble(number)}"`;
  }
  if (Array.isArray(value)) return showList(value);
  if (value === null) return 'null';
  if (typeof value === 'object' && isMap(value)) return showMap(value);
  const text = scalar(value) ?? fail(`no formatting function for ${typeName(value)}`);
  if (value instanceof Duration) return `duration("${text}")`;
  if (value instanceof Timestamp) return `timestamp("${text}")`;
  return text;
}
