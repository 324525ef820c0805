/**
 * How long functions take: nanoseconds for each character, byte or element of their arguments, about, as measured on 3 MiB
 * (docs/decisions/0009-slow-policies.md). A function of arguments that can be long has to stand here: a test sees to it.
 */
import type { FunctionDeclaration, Overload } from '../library.ts';
import { expectTime } from './pace.ts';

/** `brief`: it looks at no more of its arguments than it says here; `own`: it announces its steps itself. */
export type StepTime = number | 'brief' | 'own';

const NAMED: readonly (readonly [time: StepTime, names: string])[] = [
  // Operators, sizes and searches with patterns: equality.ts, maps.ts, cost.ts, regex/index.ts.
  ['own', '_==_ _!=_ _+_ _<_ _<=_ _>_ _>=_ @in size matches find findAll'],
  ['own', 'regex.extract regex.extractAll regex.replace format flatten'],
  ['brief', '_?_:_ _[_] _?._ _[?_] type dyn optional.of orValue last first __orValueCompat__'],
  // Strings of a few characters are all they take; others are refused after a look at the first few.
  ['brief', 'path group serviceAccount resource subresource namespace name check validate format.named'],
  [0.2, 'startsWith endsWith'],
  [5, 'contains bytes base64.encode'],
  [
    20,
    'lowerAscii upperAscii indexOf lastIndexOf slice reverse join bool sha1 sha256 md5 hash.sha1 hash.sha256',
  ],
  [20, 'hash.md5 base64.decode strings.quote optional.unwrap unwrapOpt jsonpatch.escapeKey string'],
  [30, 'charAt trim isURL url isIP ip isCIDR cidr ip.isCanonical containsIP containsCIDR'],
  [50, 'quantity isQuantity semver isSemver int uint double duration timestamp optional.ofNonZeroValue'],
  [50, 'getFullYear getMonth getDayOfYear getDayOfMonth getDate getDayOfWeek getHours getMinutes getSeconds'],
  [
    50,
    'getMilliseconds fieldSelector labelSelector replace split isSorted sum max min math.@min math.@max includes',
  ],
  [150, 'substring cel.@mapInsert'],
  [1_000, 'sort @sortByAssociatedKeys distinct sets.contains sets.equivalent sets.intersects'],
  // Kyverno's. What is asked of a cluster or the network is looked up among answers.
  [
    50,
    'Get get List list Post post ToGVR toGVR Client client GetMetadata getMetadata image parseImageReference',
  ],
  [50, 'isImage parseServiceAccount user.parseServiceAccount gzip.decompress gzip.compress'],
  [200, 'marshal json.encode unmarshal random random.random x509.decode'],
  [1_000, 'parse listObjToMap transform.listObjToMap'],
];

const TIMES: ReadonlyMap<string, StepTime> = new Map(
  NAMED.flatMap(([time, names]) => names.split(' ').map((name) => [name, time] as const)),
);

/** Undefined: nobody measured it. */
export function stepTime(name: string): StepTime | undefined {
  return TIMES.get(name);
}

/** Of functions that nobody measured. */
const UNKNOWN = 1_000;

/** Kinds of values whose size a constant bounds. */
const SMALL: ReadonlySet<string> = new Set(
  'int uint double bool duration timestamp null type opaque object'.split(' '),
);

export function takesLong({ args }: Overload): boolean {
  return args.some(({ kind }) => !SMALL.has(kind));
}

/** The functions, announcing themselves where they are given something long. */
export function announcing(declared: FunctionDeclaration): FunctionDeclaration {
  const time = stepTime(declared.name) ?? UNKNOWN;
  if (typeof time !== 'number') return declared;
  return {
    ...declared,
    overloads: declared.overloads.map((overload) =>
      takesLong(overload) ? announcingOverload(overload, time) : overload,
    ),
  };
}

/** One for each: who compares plans, or remembers what a function made, knows functions by themselves. */
const made = new WeakMap<Overload, Overload>();

function announcingOverload(overload: Overload, time: number): Overload {
  let one = made.get(overload);
  if (one === undefined) {
    one = { ...overload, impl: announced(overload, time) };
    made.set(overload, one);
  }
  return one;
}

type Impl = (...args: unknown[]) => ReturnType<Overload['impl']>;

/** Functions of one and two arguments are most, and called most often. */
function announced({ args, impl: untyped }: Overload, time: number): Overload['impl'] {
  const impl = untyped as unknown as Impl;
  switch (args.length) {
    case 1:
      return (a: unknown) => {
        announce(a, time);
        return impl(a);
      };
    case 2:
      return (a: unknown, b: unknown) => {
        announce(a, time);
        announce(b, time);
        return impl(a, b);
      };
    default:
      return ((...all: unknown[]) => {
        for (const one of all) announce(one, time);
        return impl(...all);
      }) as Overload['impl'];
  }
}

/** Up to here a step is over before anybody could look. */
const LONG = 128;

function announce(value: unknown, time: number): void {
  if (typeof value === 'string') {
    if (value.length > LONG) expectTime(value.length * time);
  } else if (typeof value === 'object' && value !== null) {
    const { length } = value as { length?: unknown };
    if (typeof length === 'number' && length > LONG) expectTime(length * time);
  }
}
