/**
 * `cel.bind(name, value, expression)` (cel-go ext/bindings.go). The API server does not offer it to admission
 * policies; Kyverno does.
 */
import type { Library, Macro } from '../library.ts';
import { macroNodes } from '../macros.ts';

const bind: Macro['expand'] = (context, target, args) => {
  if (target?.kind !== 'ident' || target.name !== 'cel') return undefined;
  const [variable, value, result] = args;
  if (variable?.kind !== 'ident') {
    return context.fail(variable!, 'cel.bind() variable names must be simple identifiers');
  }
  const make = macroNodes(context);
  return make.comprehension({
    range: make.list(),
    iterVar: '#unused',
    accuVar: variable.name,
    init: value!,
    condition: make.bool(false),
    step: make.ident(variable.name),
    result: result!,
  });
};

export const bindings: Library = Object.freeze({
  name: 'cel.bindings',
  functions: [],
  macros: [{ name: 'bind', member: true, arity: 3, expand: bind }],
});
