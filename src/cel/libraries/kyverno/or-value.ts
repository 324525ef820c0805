/**
 * `x.orValue(y)` where x need not be optional: what cel-go did until v0.27, and what Kyverno keeps up
 * (kyverno pkg/cel/compiler/env.go OrValueCompatEnvOptions). Both sides are evaluated, and an error in either is the
 * error of the call: upstream's own answer to an error on the left is never reached, since its overload is strict.
 */
import type { Library, Macro } from '../../library.ts';
import { macroNodes } from '../../macros.ts';
import { Optional } from '../../optional.ts';
import { DYN } from '../../types.ts';
import type { Value } from '../../values.ts';
import { declare, global } from '../declare.ts';

const NAME = '__orValueCompat__';

const rewrite: Macro['expand'] = (context, target, args) => macroNodes(context).call(NAME, target!, args[0]!);

const orElse = (value: Value, otherwise: Value): Value =>
  value instanceof Optional ? (value.$value ?? otherwise) : value;

export const orValue: Library = Object.freeze({
  name: 'kyverno.or-value',
  functions: declare({ [NAME]: [global('__orValueCompat___dyn_dyn', [DYN, DYN], DYN, orElse)] }),
  macros: [{ name: 'orValue', member: true, arity: 1, expand: rewrite }],
});
