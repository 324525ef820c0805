/** `random(pattern)`: text that matches a pattern (sdk extensions/cel/libs/random). */
import type { Library, Overload } from '../../library.ts';
import { STRING } from '../../types.ts';
import { declare, global } from '../declare.ts';
import { randomText } from './random-text.ts';

const DEFAULT_PATTERN = '[0-9a-z]{8}';

const overloads = (form: string): readonly Overload[] => [
  global(`random_string_${form}`, [STRING], STRING, randomText),
  global(`random_string_default_expr_${form}`, [], STRING, () => randomText(DEFAULT_PATTERN)),
];

export const randoms: Library = Object.freeze({
  name: 'kyverno.random',
  functions: declare({ random: overloads('non_prefixed'), 'random.random': overloads('prefixed') }),
});
