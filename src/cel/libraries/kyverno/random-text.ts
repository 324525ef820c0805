/** Random text that a pattern matches (github.com/zach-klippenstein/goregen, which upstream uses with its defaults). */
import { CelError } from '../../errors.ts';
import type { CharSet } from '../../regex/charset.ts';
import { expectTime } from '../../runtime/pace.ts';
import { crypto } from './builtin.ts';
import { type RandomPattern, readRandomPattern } from './random-pattern.ts';

/** goregen's, of `*`, `+` and `{1,}`. */
const MAX_UNBOUNDED = 4096;

/** Repetitions in each other could fill the memory: upstream lets them. */
const LONGEST = 2 ** 24;
/** Nanoseconds. */
const CHARACTER_TIME = 400;

export function randomText(pattern: string): string {
  const made: string[] = [];
  write(readRandomPattern(pattern), made);
  return made.join('');
}

function write(pattern: RandomPattern, made: string[]): void {
  switch (pattern.kind) {
    case 'nothing':
      return;
    case 'set':
      if (made.length >= LONGEST) throw new CelError('overflow', 'string too long');
      expectTime(CHARACTER_TIME);
      made.push(randomChar(pattern.set));
      return;
    case 'concat':
      for (const part of pattern.parts) write(part, made);
      return;
    case 'alternate':
      write(pattern.choices[randomInt(0, pattern.choices.length)]!, made);
      return;
    case 'repeat': {
      const { body, min, max = Math.max(min, MAX_UNBOUNDED) } = pattern;
      for (let left = randomInt(min, max + 1); left > 0; left--) write(body, made);
    }
  }
}

/** Never NUL, as upstream; and never half a surrogate pair, which upstream replaces. */
function randomChar(set: CharSet): string {
  let size = 0;
  for (let i = 0; i < set.length; i += 2) size += set[i + 1]! - first(set, i) + 1;
  if (size <= 0)
    throw new CelError('invalid-argument', 'internal error: char class range size must be at least 1');
  let index = randomInt(0, size);
  for (let i = 0; i < set.length; i += 2) {
    const length = set[i + 1]! - first(set, i) + 1;
    if (index < length) return String.fromCodePoint(first(set, i) + index).toWellFormed();
    index -= length;
  }
  throw new Error('the index is below the size');
}

const randomInt = (from: number, to: number): number => crypto().randomInt(from, to);

const first = (set: CharSet, at: number): number => Math.max(1, set[at]!);
