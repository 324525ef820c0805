/**
 * Decides whether a backtracking engine may run a pattern, and on inputs of what length.
 *
 * At each choice (an alternation, a repetition going on or ending) the sets of characters with which the ways can go
 * on are compared. Disjoint sets mean that at most one way survives the next character, so nothing is ever tried
 * twice: backtracking costs what an automaton costs. A choice that is not so clear is borne outside repetitions only,
 * where it multiplies the cost by a number that can be stated; inside one it could multiply it with every round, and
 * the pattern is left to RE2. From the number follows the longest input the pattern may be run on.
 */
import { type CharSet, EMPTY, intersects, union } from './charset.ts';
import type { Pattern } from './pattern.ts';

/** Steps of the backtracking engine that one match may cost; about a millisecond. */
const MAX_STEPS = 300_000;
/** V8 keeps one backtracking entry for each round of a loop: bounded with the length of the input. */
const MAX_INPUT = 65_536;

/** What the walk collects about the unbounded choices that are not clear. */
interface Walk {
  /** Number of unbounded unclear repetitions in sequence. */
  degree: number;
  /** Length of what can still be matched (and fail) after the first of them. */
  tail: number;
}

/**
 * The characters of an unbounded loop that the pattern starts with, as in `.*:latest`. Its leftmost match never starts
 * behind one of them, since it could start there as well: so all starts but the first of a run can be passed over.
 */
export function leadingLoop(pattern: Pattern): CharSet | undefined {
  if (pattern.kind === 'concat') return leadingLoop(pattern.parts[0]!);
  if (pattern.kind !== 'repeat' || pattern.max !== Number.POSITIVE_INFINITY) return undefined;
  return pattern.body.kind === 'set' ? pattern.body.set : undefined;
}

/** Something the proof does not cover. */
const UNPROVEN = Symbol('unproven');

/**
 * Longest input, in UTF-16 units, on which backtracking is proven to stay cheap; 0 for none.
 *
 * @param oneStart whether at most one start in each run of the leading loop is tried (see {@link leadingLoop})
 */
export function longestSafeInput(pattern: Pattern, oneStart = false): number {
  const walk: Walk = { degree: 0, tail: 0 };
  try {
    const ways = visit(pattern, EMPTY, false, 0, walk);
    return longest(walk, ways, maxLength(pattern), oneStart || isAnchored(pattern), sizeOf(pattern));
  } catch (error) {
    if (error === UNPROVEN) return 0;
    throw error;
  }
}

function longest(walk: Walk, ways: number, length: number, anchored: boolean, size: number): number {
  let best = 0;
  for (let n = 64; n <= MAX_INPUT; n *= 2) {
    const unclear = walk.degree === 0 ? 0 : n ** walk.degree * (Math.min(n, walk.tail) + 1);
    const fromOneStart = ways * (Math.min(n, length) + unclear);
    const perCharacter = Math.max(1, size / 16);
    if ((anchored ? 1 : n) * fromOneStart * perCharacter > MAX_STEPS) break;
    best = n;
  }
  return best;
}

/**
 * In how many ways the bounded unclear choices of a pattern can be made: they multiply in sequence, and add up where
 * one of several is taken.
 *
 * @param next characters that may follow the pattern here
 * @param looped whether a repetition surrounds it
 * @param rest the most that can match, and then fail, after it
 */
function visit(pattern: Pattern, next: CharSet, looped: boolean, rest: number, walk: Walk): number {
  switch (pattern.kind) {
    case 'empty':
    case 'assert':
    case 'set':
      return 1;
    case 'concat': {
      let ways = 1;
      let follow = next;
      let followAfter = next;
      let after = rest;
      for (let i = pattern.parts.length - 1; i >= 0; i--) {
        const part = pattern.parts[i]!;
        if (!endsClearly(part, pattern.parts[i + 1], followAfter))
          ways = bounded(ways * visit(part, follow, looped, after, walk), looped);
        followAfter = follow;
        follow = firstThen(part, follow);
        // What cannot fail at the very end of the pattern costs nothing when something before it is retried.
        if (after > 0 || !cannotFail(part)) after += maxLength(part) + 1;
      }
      return ways;
    }
    case 'alternate':
      return visitAlternation(pattern.choices, next, looped, rest, walk);
    case 'repeat':
      return visitRepetition(pattern, next, looped, rest, walk);
  }
}

/**
 * `[-a-z]*[a-z]` before something that neither class contains, as in every pattern of a DNS name: giving up a
 * character of the loop too early dies two characters later, so it is clear although the two classes overlap.
 */
function endsClearly(loop: Pattern, last: Pattern | undefined, next: CharSet): boolean {
  if (loop.kind !== 'repeat' || loop.body.kind !== 'set' || last?.kind !== 'set') return false;
  return !intersects(union(loop.body.set, last.set), next);
}

function visitAlternation(
  choices: readonly Pattern[],
  next: CharSet,
  looped: boolean,
  rest: number,
  walk: Walk,
): number {
  let seen: CharSet = EMPTY;
  const ways: number[] = [];
  let clear = choices.filter(isNullable).length <= 1;
  for (const choice of choices) {
    const first = firstThen(choice, next);
    if (intersects(seen, first)) clear = false;
    seen = union(seen, first);
    ways.push(visit(choice, next, looped, rest, walk));
  }
  if (clear) return Math.max(...ways);
  return bounded(
    ways.reduce((sum, more) => sum + more, 0),
    looped,
  );
}

function visitRepetition(
  { body, min, max }: Extract<Pattern, { kind: 'repeat' }>,
  next: CharSet,
  looped: boolean,
  rest: number,
  walk: Walk,
): number {
  // A round that matches nothing is where engines differ.
  if (isNullable(body)) throw UNPROVEN;
  const first = firstThen(body, EMPTY);
  const repeated = max > 1;
  const ways = visit(body, repeated ? union(first, next) : next, looped || repeated, rest, walk);
  if (min === max || !intersects(first, next)) return ways;
  if (max !== Number.POSITIVE_INFINITY) return bounded(ways * (max - min + 1), looped);
  if (looped || body.kind !== 'set') throw UNPROVEN;
  walk.degree++;
  walk.tail = Math.max(walk.tail, rest);
  return ways;
}

/** Inside a repetition there may be one way only: every round would multiply them. */
function bounded(ways: number, looped: boolean): number {
  if (ways > (looped ? 1 : 4096)) throw UNPROVEN;
  return ways;
}

/** Characters a match of the pattern followed by `next` can start with. Assertions count as matching nothing. */
function firstThen(pattern: Pattern, next: CharSet): CharSet {
  switch (pattern.kind) {
    case 'empty':
    case 'assert':
      return next;
    case 'set':
      return pattern.set;
    case 'concat':
      return pattern.parts.reduceRight<CharSet>((follow, part) => firstThen(part, follow), next);
    case 'alternate':
      return union(...pattern.choices.map((choice) => firstThen(choice, next)));
    case 'repeat':
      if (pattern.max === 0) return next;
      return union(firstThen(pattern.body, EMPTY), pattern.min === 0 ? next : EMPTY);
  }
}

/** Whether it can match without a character, assertions taken as holding. */
function isNullable(pattern: Pattern): boolean {
  switch (pattern.kind) {
    case 'empty':
    case 'assert':
      return true;
    case 'set':
      return false;
    case 'concat':
      return pattern.parts.every(isNullable);
    case 'alternate':
      return pattern.choices.some(isNullable);
    case 'repeat':
      return pattern.min === 0 || isNullable(pattern.body);
  }
}

/** Whether it matches everywhere, if need be nothing. */
function cannotFail(pattern: Pattern): boolean {
  switch (pattern.kind) {
    case 'empty':
      return true;
    case 'assert':
    case 'set':
      return false;
    case 'concat':
      return pattern.parts.every(cannotFail);
    case 'alternate':
      return pattern.choices.some(cannotFail);
    case 'repeat':
      return pattern.min === 0 || cannotFail(pattern.body);
  }
}

function maxLength(pattern: Pattern): number {
  switch (pattern.kind) {
    case 'empty':
    case 'assert':
      return 0;
    case 'set':
      return 1;
    case 'concat':
      return pattern.parts.reduce((sum, part) => sum + maxLength(part), 0);
    case 'alternate':
      return Math.max(...pattern.choices.map(maxLength));
    case 'repeat':
      return pattern.max === 0 ? 0 : pattern.max * maxLength(pattern.body);
  }
}

/** Nodes of the pattern written out without counters. */
function sizeOf(pattern: Pattern): number {
  switch (pattern.kind) {
    case 'empty':
    case 'assert':
    case 'set':
      return 1;
    case 'concat':
      return pattern.parts.reduce((sum, part) => sum + sizeOf(part), 1);
    case 'alternate':
      return pattern.choices.reduce((sum, choice) => sum + sizeOf(choice), 1);
    case 'repeat':
      return (
        1 +
        sizeOf(pattern.body) *
          Math.max(1, pattern.max === Number.POSITIVE_INFINITY ? pattern.min : pattern.max)
      );
  }
}

/** Whether every match starts at the beginning of the text, so that one start is tried only. */
function isAnchored(pattern: Pattern): boolean {
  switch (pattern.kind) {
    case 'assert':
      return pattern.what === 'begin';
    case 'concat':
      return isAnchored(pattern.parts[0]!);
    case 'alternate':
      return pattern.choices.every(isAnchored);
    default:
      return false;
  }
}
