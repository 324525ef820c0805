import { type Keys, keysOf } from './keys.ts';
import { type Mistake, mistakesOf, shown } from './mistakes.ts';
import { type ConfigFile, schemaOf } from './schema.ts';
import type { Vocabulary } from './vocabulary.ts';

export type Reading =
  | { readonly ok: true; readonly file: ConfigFile }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** Looks at what the one document of a rampart.yaml holds; null for an empty one. All mistakes are found at once. */
export function readConfig(value: unknown, vocabulary: Vocabulary): Reading {
  const keys = keysOf(vocabulary);
  const mistakes: Mistake[] = [];
  const plain = plainValue(value ?? {}, [], mistakes);
  const { data, error } = schemaOf(keys).safeParse(plain);
  const issues = (error?.issues ?? []).flatMap((issue) => mistakesOf(issue, plain, keys, vocabulary.nearest));
  if (data === undefined || mistakes.length > 0) return { ok: false, mistakes: [...mistakes, ...issues] };
  return { ok: true, file: data };
}

/** The value of one key as it was written elsewhere: what is wrong with it, or undefined. */
export function faultOf(
  name: keyof Keys,
  value: unknown,
  keys: Keys,
  vocabulary: Vocabulary,
): string | undefined {
  const issues = keys[name].kind.schema.safeParse(value).error?.issues ?? [];
  const whole = { [name]: value };
  const inside = issues.map((issue) => ({ ...issue, path: [name, ...issue.path] }));
  const [mistake] = inside.flatMap((issue) => mistakesOf(issue, whole, keys, vocabulary.nearest));
  return mistake?.message;
}

/** Numbers as numbers: the reader of manifests keeps what kind they are. `__proto__` is nobody's key. */
function plainValue(value: unknown, path: readonly string[], mistakes: Mistake[]): unknown {
  if (value instanceof Number || typeof value === 'bigint') return Number(value);
  if (Array.isArray(value))
    return value.map((item, index) => plainValue(item, [...path, `${index}`], mistakes));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, field]) => {
    const at = [...path, name];
    if (name === '__proto__') mistakes.push({ path: at, message: `unknown key ${shown(at)}` });
    return [name, plainValue(field, at, mistakes)];
  });
  return Object.fromEntries(fields.filter(([name]) => name !== '__proto__'));
}
