/** Kubernetes' regular expressions (k8s.io/apiserver pkg/cel/library/regex.go). */
import { CelError } from '../errors.ts';
import type { Library } from '../library.ts';
import { compileRegex, type Regex } from '../regex/index.ts';
import { INT, listOf, STRING } from '../types.ts';
import { regexSearch } from './costs.ts';
import { declare, member } from './declare.ts';

/**
 * A pattern known when compiling is refused there by the API server, with this same message without its prefix.
 */
function compile(pattern: string): Regex {
  const compiled = compileRegex(pattern);
  if ('error' in compiled) throw new CelError('invalid-argument', `Illegal regex: ${compiled.error}`);
  return compiled;
}

const find = (text: string, pattern: string): string => compile(pattern).find(text) ?? '';

const findAll = (text: string, pattern: string, limit: number | bigint = -1): readonly string[] =>
  compile(pattern).findAll(text, Number(limit));

export const regex: Library = Object.freeze({
  name: 'kubernetes.regex',
  functions: declare({
    find: [member('string_find_string', [STRING, STRING], STRING, find, regexSearch)],
    findAll: [
      member('string_find_all_string', [STRING, STRING], listOf(STRING), findAll, regexSearch),
      member('string_find_all_string_int', [STRING, STRING, INT], listOf(STRING), findAll, regexSearch),
    ],
  }),
});
