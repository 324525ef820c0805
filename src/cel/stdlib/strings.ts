/** `size`, `contains`, `startsWith`, `endsWith`, `matches`. */
import { REGEX_FACTOR, sizeOf, traversal } from '../cost.ts';
import { CelError } from '../errors.ts';
import type { FunctionDeclaration, Overload } from '../library.ts';
import { compileRegex } from '../regex/index.ts';
import { BOOL, BYTES, INT, listOf, mapOf, param, STRING, type Type } from '../types.ts';
import type { Value } from '../values.ts';
import { declare, member, overload } from './declare.ts';

/** Throws the error that Go's regexp gives for a bad pattern. */
function matches(text: string, pattern: string): boolean {
  const regex = compileRegex(pattern);
  if ('error' in regex) throw new CelError('invalid-argument', regex.error);
  return regex.test(text);
}

const matchesCost: Overload['cost'] = ([text, pattern]) =>
  traversal(1 + sizeOf(text)) * Math.ceil(sizeOf(pattern) * REGEX_FACTOR);

const containsCost: Overload['cost'] = ([text, part]) => traversal(sizeOf(text)) * traversal(sizeOf(part));

const affixCost: Overload['cost'] = ([, affix]) => traversal(sizeOf(affix));

function predicate(
  name: string,
  id: string,
  impl: (text: string, other: string) => boolean,
  cost: Overload['cost'] & {},
): FunctionDeclaration {
  return declare(name, member(id, [STRING, STRING], BOOL, { impl, cost }));
}

const size = (value: Value) => sizeOf(value);
const sizes = (id: string, type: Type): Overload[] => [
  overload(`size_${id}`, [type], INT, { impl: size }),
  member(`${id}_size`, [type], INT, { impl: size }),
];

export const STRINGS: readonly FunctionDeclaration[] = [
  declare(
    'size',
    ...sizes('bytes', BYTES),
    ...sizes('list', listOf(param('A'))),
    ...sizes('map', mapOf(param('A'), param('B'))),
    ...sizes('string', STRING),
  ),
  predicate('contains', 'contains_string', (text, part) => text.includes(part), containsCost),
  predicate('endsWith', 'ends_with_string', (text, end) => text.endsWith(end), affixCost),
  predicate('startsWith', 'starts_with_string', (text, start) => text.startsWith(start), affixCost),
  declare(
    'matches',
    overload('matches', [STRING, STRING], BOOL, { impl: matches, cost: matchesCost }),
    member('matches_string', [STRING, STRING], BOOL, { impl: matches, cost: matchesCost }),
  ),
];
