/** Answers what threads look up, from the surroundings of requests as this thread knows them. */
import {
  type AdmissionRequest,
  type CompiledPolicy,
  type EvaluationContext,
  NOTHING_KNOWN,
  type PolicySet,
  shareContext,
} from '../../policy/index.ts';
import type { Answered, LookUp, LookUpKind } from './look-ups.ts';

export interface NearbyOptions {
  readonly set: Pick<PolicySet, 'policies'>;
  readonly context: EvaluationContext;
  /** Resolves when what the policies wanted to know about a request was asked for; undefined: nothing was. */
  readonly askFor?: ((request: AdmissionRequest) => Promise<void> | undefined) | undefined;
}

type Answering = {
  readonly [K in LookUpKind]: (
    lookUp: LookUp<K>,
    request: AdmissionRequest,
  ) => Answered<K> | Promise<Answered<K>>;
};

/** One that has no answer throws. */
export function createNearby({ set, context, askFor }: NearbyOptions) {
  const { namespaces, params, authorize, ask } = shareContext(context);
  const { surroundings = NOTHING_KNOWN } = context;
  const policyOf = new Map(set.policies.map((policy) => [`${policy.id} ${policy.variant}`, policy]));

  const answering: Answering = {
    namespace: ({ name }) => of(namespaces.objects.get(name)),
    namespaces: () => of({ complete: namespaces.complete, doubt: namespaces.doubt }),
    params: ({ apiVersion, paramKind }) => ({
      value: undefined,
      items: params.ofKind(apiVersion, paramKind),
    }),
    param: ({ apiVersion, paramKind, namespace, name }) =>
      of(
        params.named === undefined
          ? params.ofKind(apiVersion, paramKind).find(({ ref }) => isAt(ref, namespace, name))
          : params.named(apiVersion, paramKind, namespace, name),
      ),
    'params-doubt': ({ apiVersion, paramKind }) => of(params.doubt(apiVersion, paramKind)),
    related({ policy, variant, index, asked, namespace }) {
      const { related, code } = policyAt(policy, variant);
      const { items, ...value } = surroundings.find(
        related![index]!,
        code().related![index]!,
        asked,
        namespace,
      );
      return { value, items };
    },
    coverage: ({ policy, variant, index, namespace }) =>
      of(surroundings.coverage(policyAt(policy, variant).related![index]!, namespace)),
    authorize({ check }, request) {
      const known = authorize?.(check, request);
      const asking = known === undefined ? askFor?.(request) : undefined;
      return asking === undefined ? of(known) : asking.then(() => of(authorize?.(check, request)));
    },
    context({ question }, request) {
      const known = ask?.(question);
      const asking = known === undefined ? askFor?.(request) : undefined;
      return asking === undefined ? of(known) : asking.then(() => of(ask?.(question)));
    },
  };

  function policyAt(id: string, variant: string): CompiledPolicy {
    return policyOf.get(`${id} ${variant}`)!;
  }

  function isAt(
    { namespace: own, name: ownName }: { readonly namespace: string; readonly name: string },
    namespace: string,
    name: string,
  ): boolean {
    return ownName === name && (namespace === '' || (own || params.defaultNamespace) === namespace);
  }

  return (lookUp: LookUp, request: AdmissionRequest): Answered | Promise<Answered> =>
    (answering[lookUp.kind] as (asked: LookUp, about: AdmissionRequest) => Answered | Promise<Answered>)(
      lookUp,
      request,
    );
}

const NO_ITEMS: readonly never[] = [];

function of<V>(value: V): { readonly value: V; readonly items: readonly never[] } {
  return { value, items: NO_ITEMS };
}
