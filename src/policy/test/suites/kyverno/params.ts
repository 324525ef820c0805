/** Parameters of admission policies, as Kyverno's CLI finds them. */
import type { Resource } from '../../../../model/index.ts';
import type { Binding } from '../../../form.ts';
import { mapAt } from '../../../json.ts';
import { selects } from '../../../match/labels.ts';

/** Without a cluster a name or a selector chooses among the suite's parameters, of whatever kind and namespace. */
export function withParams(binding: Binding, params: readonly Resource[]): Binding {
  const ref = binding.paramRef;
  if (ref === null) return binding;
  const { selector } = ref;
  const chosen = params.filter(({ ref: param, object }) => {
    if (selector === null) return param.name === ref.name;
    return selects(selector, mapAt(mapAt(object, 'metadata') ?? {}, 'labels') ?? {});
  });
  const objects = chosen.map(({ object }) => object);
  const found = selector === null || objects.length === 0 ? (objects[0] ?? null) : { items: objects };
  return { ...binding, paramRef: null, params: found };
}
