/** What of a pattern matters when only asking whether it matches anywhere. */
import type { Pattern } from './pattern.ts';

/**
 * A smaller pattern that matches somewhere in a text exactly when the given one does: what it starts or ends with may
 * match as little as it can, so `.*foo.*` comes down to `foo`, which V8 finds without backtracking.
 */
export function existence(pattern: Pattern): Pattern {
  switch (pattern.kind) {
    case 'alternate':
      return { kind: 'alternate', choices: pattern.choices.map(existence) };
    case 'repeat':
      return least(pattern);
    case 'concat': {
      const parts = trimStart(trimStart(pattern.parts).toReversed()).toReversed();
      if (parts.length === 0) return { kind: 'empty' };
      return parts.length === 1 ? parts[0]! : { kind: 'concat', parts };
    }
    default:
      return pattern;
  }
}

function trimStart(parts: readonly Pattern[]): readonly Pattern[] {
  const [first, ...rest] = parts;
  if (first?.kind !== 'repeat') return parts;
  return first.min === 0 ? trimStart(rest) : [least(first), ...rest];
}

function least(repeat: Extract<Pattern, { kind: 'repeat' }>): Pattern {
  if (repeat.min === 0) return { kind: 'empty' };
  return repeat.min === 1 ? repeat.body : { ...repeat, max: repeat.min };
}
