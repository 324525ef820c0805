/**
 * `regex.replace`, `regex.extract`, `regex.extractAll` (cel-go ext/regex.go, version 1). The API server does not offer
 * them to admission policies; Kyverno does.
 */
import { LIST_COST, REGEX_FACTOR, sizeOf } from '../cost.ts';
import { CelError } from '../errors.ts';
import type { Library, Overload } from '../library.ts';
import { NONE, Optional } from '../optional.ts';
import { compileGroups, type GroupMatch, type GroupRegex } from '../regex/groups.ts';
import { INT, listOf, optionalOf, STRING } from '../types.ts';
import type { Value } from '../values.ts';
import { declare, global } from './declare.ts';
import { quoteGo } from './text.ts';

const fail = (message: string): never => {
  throw new CelError('invalid-argument', message);
};

function compile(pattern: string): GroupRegex {
  const compiled = compileGroups(pattern);
  return 'error' in compiled ? fail(compiled.error) : compiled;
}

/** For what may have one group at most. */
function compileSingle(pattern: string): GroupRegex {
  const compiled = compile(pattern);
  if (compiled.groups > 1) {
    fail(`regular expression has more than one capturing group: ${quoteGo(pattern)}`);
  }
  return compiled;
}

/** Of the group if there is one, otherwise of all. Empty when the group took no part. */
const found = ({ groups }: GroupRegex, match: GroupMatch): string => match.texts[groups] ?? '';

function extract(text: string, pattern: string): Optional {
  const regex = compileSingle(pattern);
  const [match] = regex.matches(text, 1);
  if (match === undefined) return NONE;
  const part = found(regex, match);
  return part === '' && regex.groups === 1 ? NONE : new Optional(part);
}

function extractAll(text: string, pattern: string): readonly string[] {
  const regex = compileSingle(pattern);
  const parts = regex.matches(text).map((match) => found(regex, match));
  return regex.groups === 1 ? parts.filter((part) => part !== '') : parts;
}

/** Costs grow with what is read, not with what is built: a few replacements could fill the memory. */
const LONGEST = 2 ** 26;

function replace(text: string, pattern: string, by: string, count: number | bigint = -1): string {
  if (Number(count) === 0) return text;
  const regex = compile(pattern);
  const matches = regex.matches(text, count < 0 ? undefined : Number(count));
  let out = '';
  let from = 0;
  for (const match of matches) {
    out += text.slice(from, match.start) + replacement(by, regex, match);
    from = match.end;
    if (out.length > LONGEST) throw new CelError('overflow', 'string too long');
  }
  return out + text.slice(from);
}

/** `\1` is what the first group found, `\\` a backslash. */
function replacement(by: string, { groups }: GroupRegex, { texts }: GroupMatch): string {
  return by.replace(/\\([\s\S]?)/gu, (_whole, next: string) => {
    if (next === '') return fail(`invalid replacement string: '${by}' \\ not allowed at end`);
    if (next === '\\') return '\\';
    if (!/[0-9]/.test(next)) {
      return fail(`invalid replacement string: '${by}' \\ must be followed by a digit or \\`);
    }
    if (Number(next) > groups) {
      return fail(`replacement string references group ${next} but regex has only ${groups} group(s)`);
    }
    return texts[Number(next)] ?? '';
  });
}

type Cost = NonNullable<Overload['cost']>;

/** cel-go counts one more than the sizes, lest they be zero. */
const search = (args: readonly Value[], result: Value): number =>
  1 +
  (sizeOf(args[0]) + 1) * TRAVERSAL_FACTOR * (sizeOf(args[1]) + 1) * REGEX_FACTOR +
  (result instanceof Optional ? 1 : sizeOf(result));

const TRAVERSAL_FACTOR = 0.1;

const extractCost: Cost = (args, result) => Math.ceil(search(args, result));
const extractAllCost: Cost = (args, result) => Math.ceil(search(args, result) + LIST_COST);
const replaceCost: Cost = (args, result) => Math.floor(search(args, result));

export const regexExtension: Library = Object.freeze({
  name: 'cel.regex',
  functions: declare({
    'regex.extract': [
      global('regex_extract_string_string', [STRING, STRING], optionalOf(STRING), extract, extractCost),
    ],
    'regex.extractAll': [
      global('regex_extractAll_string_string', [STRING, STRING], listOf(STRING), extractAll, extractAllCost),
    ],
    'regex.replace': [
      global('regex_replace_string_string_string', [STRING, STRING, STRING], STRING, replace, replaceCost),
      global(
        'regex_replace_string_string_string_int',
        [STRING, STRING, STRING, INT],
        STRING,
        replace,
        replaceCost,
      ),
    ],
  }),
});
