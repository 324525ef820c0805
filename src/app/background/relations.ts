/** Whose verdicts may hang on an object beside its own: those in a Namespace on its labels, all on parameters and look-ups. */
import type { Change, Resource } from '../../model/index.ts';
import { type CompiledPolicy, isWanted, parseApiVersion, wantedBy } from '../../policy/index.ts';

/** Objects to look at again: all, those in a namespace, or none but itself. */
export type Affected = 'all' | 'none' | { readonly namespace: string };

export function affectedBy(policies: readonly CompiledPolicy[]): (change: Change) => Affected {
  const params = new Set(
    policies.flatMap(({ paramKind }) =>
      paramKind === null ? [] : [`${parseApiVersion(paramKind.apiVersion).group}/${paramKind.kind}`],
    ),
  );
  const looking = policies.filter(({ related }) => related !== undefined);
  const wanted = wantedBy(looking);
  const elsewhere = wantedBy(
    looking.filter(({ related }) => related!.some(({ namespace }) => namespace !== null)),
  );
  return ({ resource }) => {
    const kind = kindOf(resource);
    if (kind.group === '' && kind.kind === 'Namespace') return { namespace: resource.ref.name };
    if (params.has(`${kind.group}/${kind.kind}`) || isWanted(elsewhere, kind)) return 'all';
    if (!isWanted(wanted, kind)) return 'none';
    return resource.ref.namespace === '' ? 'all' : { namespace: resource.ref.namespace };
  };
}

function kindOf({ ref: { apiVersion, kind } }: Resource) {
  return { group: parseApiVersion(apiVersion).group, kind };
}
