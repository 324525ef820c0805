/**
 * @module Regular expressions with RE2's answers in linear time: a proven JavaScript RegExp where possible, re2js otherwise.
 */

import { expectTime } from '../runtime/pace.ts';
import { leadingLoop, longestSafeInput } from './ambiguity.ts';
import { existence } from './existence.ts';
import { type Pattern, readPattern } from './pattern.ts';
import { compileRe2, type Re2Pattern } from './re2.ts';
import { FLAGS, toRegExp } from './translate.ts';

export interface Regex {
  /** Whether the pattern matches anywhere in the text. */
  test(text: string): boolean;
  /** The leftmost match, undefined when there is none. */
  find(text: string): string | undefined;
  /** Matches in order, none overlapping, `limit` at most; all when it is negative. As Go's FindAllString. */
  findAll(text: string, limit?: number): string[];
  /** Of the RegExp that `test` runs; undefined when the RE2 engine runs the pattern. */
  readonly proof: Proof | undefined;
}

/** What the analysis of a pattern found, to be kept: plain data. */
export interface Proof {
  /** Of the equivalent RegExp. */
  readonly source: string;
  /** Longest text it may be run on, in UTF-16 units; null: any. */
  readonly limit: number | null;
}

/** Nanoseconds: of a character by a RegExp, by the RE2 engine, and of a match. */
const FAST_TIME = 15;
const SLOW_TIME = 500;
const MATCH_TIME = 1_000;
const LONG = 256;

function announce(text: string, time: number): void {
  if (text.length > LONG) expectTime(text.length * time);
}

/** Finds the next match at or after `from`: a pair of UTF-16 offsets. */
type Search = (text: string, from: number) => readonly [start: number, end: number] | undefined;

/** Patterns known only at run time are kept this many at a time; the oldest goes first. */
const CACHE_SIZE = 512;
/** Longer ones come from hostile objects and would fill the memory. */
const LONGEST_CACHED = 4_096;
const cache = new Map<string, Regex | { error: string }>();

/** Compiles a pattern of RE2's syntax (or finds it in the cache). `error` is worded as Go's regexp package words it. */
export function compileRegex(pattern: string): Regex | { error: string } {
  const known = cache.get(pattern);
  if (known !== undefined) {
    if (cache.size >= CACHE_SIZE / 2) {
      cache.delete(pattern);
      cache.set(pattern, known);
    }
    return known;
  }
  return keep(pattern, compileUncached(pattern));
}

/** A pattern that is known to compile, and what was proven of it: it is not analysed again. */
export function keptRegex(pattern: string, proof: Proof | undefined): Regex {
  const known = cache.get(pattern);
  if (known !== undefined) return required(known);
  const made =
    proof === undefined
      ? slowRegex(lazy(() => required(compileRe2(pattern))))
      : fastRegex(pattern, testerOf(proof));
  return keep(pattern, made);
}

function keep<T extends Regex | { error: string }>(pattern: string, compiled: T): T {
  if (pattern.length > LONGEST_CACHED) return compiled;
  if (cache.size >= CACHE_SIZE) cache.delete(cache.keys().next().value!);
  cache.set(pattern, compiled);
  return compiled;
}

/** Without the cache, for tests. */
export function compileUncached(pattern: string): Regex | { error: string } {
  return compileFast(pattern) ?? compileSlow(pattern);
}

/**
 * The fast path alone: undefined when the pattern is not understood, or testing for it not proven safe on any length.
 * Searches that are not safe, or not on the text at hand, go to the RE2 engine.
 */
export function compileFast(pattern: string): Regex | undefined {
  const tree = readPattern(pattern);
  const tester = tree && prepare(existence(tree), false);
  if (tree === undefined || tester === undefined) return undefined;
  return fastRegex(pattern, tester);
}

function fastRegex(pattern: string, tester: Prepared): Regex {
  const slow = lazy(() => required(compileSlow(pattern)));
  const tree = lazy(() => readPattern(pattern)!);
  const finder = lazy(() => prepare(tree(), true));
  const lister = lazy(() => prepare(tree(), false));
  return {
    proof: proofOf(tester),
    test(text) {
      if (text.length > tester.limit) return slow().test(text);
      announce(text, FAST_TIME);
      tester.regexp.lastIndex = 0;
      return tester.regexp.test(text);
    },
    find(text) {
      const fast = finder();
      return fast === undefined || text.length > fast.limit
        ? slow().find(text)
        : first(searchBy(fast.regexp, FAST_TIME), text);
    },
    findAll(text, max) {
      const fast = lister();
      return fast === undefined || text.length > fast.limit
        ? slow().findAll(text, max)
        : all(searchBy(fast.regexp, FAST_TIME), text, max);
    },
  };
}

interface Prepared {
  readonly regexp: RegExp;
  /** Longest text it may be run on, in UTF-16 units. */
  readonly limit: number;
}

function proofOf({ regexp, limit }: Prepared): Proof {
  return { source: regexp.source, limit: Number.isFinite(limit) ? limit : null };
}

function testerOf({ source, limit }: Proof): Prepared {
  return { regexp: new RegExp(source, FLAGS), limit: limit ?? Number.POSITIVE_INFINITY };
}

/**
 * @param oneStart whether starts behind a character of the leading loop may be passed over: not where an earlier match
 *   may end there
 */
function prepare(tree: Pattern, oneStart: boolean): Prepared | undefined {
  const loop = oneStart ? leadingLoop(tree) : undefined;
  const limit = longestSafeInput(tree, loop !== undefined);
  const regexp = limit === 0 ? undefined : toRegExp(tree, loop);
  return regexp && { regexp, limit };
}

function lazy<T>(compute: () => T): () => T {
  let computed: { readonly value: T } | undefined;
  return () => {
    computed ??= { value: compute() };
    return computed.value;
  };
}

/** What the fast path understands, RE2 accepts (a property test holds both to that), and what was compiled before. */
function required<T extends object>(compiled: T | { error: string }): T {
  if ('error' in compiled) throw new Error(`RE2 refuses a pattern it took before: ${compiled.error}`);
  return compiled;
}

function searchBy(regexp: RegExp, time: number): Search {
  return (text, from) => {
    if (from === 0) announce(text, time);
    regexp.lastIndex = from;
    const match = regexp.exec(text);
    return match === null ? undefined : [match.index, match.index + match[0].length];
  };
}

/** The RE2 engine alone. */
export function compileSlow(pattern: string): Regex | { error: string } {
  const compiled = compileRe2(pattern);
  return 'error' in compiled ? compiled : slowRegex(() => compiled);
}

function slowRegex(compiled: () => Re2Pattern): Regex {
  const search: Search = (text, from) => {
    const matcher = compiled().matcher(text);
    return matcher.find(from) ? [matcher.start(), matcher.end()] : undefined;
  };
  return {
    proof: undefined,
    test: (text) => {
      announce(text, SLOW_TIME);
      return compiled().test(text);
    },
    find: (text) => {
      announce(text, SLOW_TIME);
      return first(search, text);
    },
    findAll: (text, max) => {
      announce(text, SLOW_TIME);
      return all(search, text, max);
    },
  };
}

function first(search: Search, text: string): string | undefined {
  const match = search(text, 0);
  return match === undefined ? undefined : text.slice(match[0], match[1]);
}

/** Go's rule: an empty match is not taken right after another match. */
function all(search: Search, text: string, limit = -1): string[] {
  const found: string[] = [];
  let previousEnd = -1;
  for (let from = 0; from <= text.length && (limit < 0 || found.length < limit); ) {
    const match = search(text, from);
    if (match === undefined) break;
    expectTime(MATCH_TIME);
    const [start, end] = match;
    if (end === from) {
      if (start !== previousEnd) found.push('');
      from += (text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1;
    } else {
      found.push(text.slice(start, end));
      from = end;
    }
    previousEnd = end;
  }
  return found;
}
