/** Matches with their groups. Only the RE2 engine tells them: what asks for groups is rare. */
import { expectTime } from '../runtime/pace.ts';
import { compileRe2 } from './re2.ts';

/** Nanoseconds. */
const UNIT_TIME = 500;
const MATCH_TIME = 5_000;

export interface GroupRegex {
  /** How many there are. */
  readonly groups: number;
  /** In order, none overlapping, `limit` at most. As Go's FindAllStringSubmatchIndex. */
  matches(text: string, limit?: number): readonly GroupMatch[];
}

export interface GroupMatch {
  /** UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  /** Of the whole match, then of each group; undefined for one that took no part. */
  readonly texts: readonly (string | undefined)[];
}

/** The error is worded as Go's regexp package words it. */
export function compileGroups(pattern: string): GroupRegex | { error: string } {
  const compiled = compileRe2(pattern);
  if ('error' in compiled) return compiled;
  const groups = compiled.groupCount();
  const matches = (text: string, limit = Number.POSITIVE_INFINITY): GroupMatch[] => {
    const found: GroupMatch[] = [];
    expectTime(text.length * UNIT_TIME);
    const matcher = compiled.matcher(text);
    let previousEnd = -1;
    for (let from = 0; from <= text.length && found.length < limit && matcher.find(from); ) {
      expectTime(MATCH_TIME);
      const [start, end] = [matcher.start(), matcher.end()];
      // An empty match is not taken right after another match.
      if (end > start || start !== previousEnd) {
        const texts = Array.from({ length: groups + 1 }, (_, i) => matcher.group(i) ?? undefined);
        found.push({ start, end, texts });
      }
      from = end > from ? end : from + ((text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1);
      previousEnd = end;
    }
    return found;
  };
  return { groups, matches };
}
