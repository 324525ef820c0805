/** `globalContext.get(name, projection)` (sdk extensions/cel/libs/globalcontext). */
import { CelError } from '../../errors.ts';
import type { Library, Overload } from '../../library.ts';
import { DYN, STRING } from '../../types.ts';
import type { Value } from '../../values.ts';
import { declare, member } from '../declare.ts';
import { answer, type Context, GLOBAL_CONTEXT_TYPE } from './context.ts';

const FAILED = 'failed to get global reference';

function get(context: Context, name: string, projection = ''): Value {
  if (context.$policyNamespace !== undefined) {
    throw new CelError(
      'invalid-argument',
      `${FAILED}: globalContext.* is not allowed in namespaced policies`,
    );
  }
  return answer(context, { kind: 'global-context', name, projection }, FAILED, 'as-they-are');
}

const overloads = (form: string): readonly Overload[] => [
  member(`globalcontext_get_string_${form}`, [GLOBAL_CONTEXT_TYPE, STRING], DYN, get),
  member(`globalcontext_get_string_string_${form}`, [GLOBAL_CONTEXT_TYPE, STRING, STRING], DYN, get),
];

export const globalContext: Library = Object.freeze({
  name: 'kyverno.globalcontext',
  functions: declare({ Get: overloads('pascal'), get: overloads('camel') }),
});
