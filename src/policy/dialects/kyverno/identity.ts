import type { Severity } from '../../../model/index.ts';
import type { Budget } from '../../form.ts';
import type { Filter } from '../../match/filter.ts';
import type { PolicyParts } from '../parts.ts';
import type { MutatingPolicySource, ValidatingPolicySource } from './shape.ts';

/** Kyverno limits an expression as the API server does, and counts no total; this only ends what would never end. */
const KYVERNO_BUDGET: Budget = {
  expression: 1_000_000,
  evaluation: 1_000_000_000,
  matchConditions: 1_000_000_000,
};

const TITLE_ANNOTATION = 'policies.kyverno.io/title';

/** What all policies of Kyverno's have in the same way: who they are, and how Kyverno runs them. */
export function identityOf(
  { kind, metadata }: Pick<ValidatingPolicySource | MutatingPolicySource, 'kind' | 'metadata'>,
  namespacedKind: string,
  severity: Severity,
) {
  const { name = '', namespace: given = '' } = metadata;
  const namespace = kind === namespacedKind ? given || 'default' : null;
  const id = namespace === null ? name : `${namespace}/${name}`;
  return {
    id,
    variant: '',
    dialect: namespace === null ? 'kyverno' : 'kyverno-namespaced',
    info: { id, title: metadata.annotations?.[TITLE_ANNOTATION] ?? id, severity, kind: kind! },
    sets: [],
    template: null,
    filter: namespace === null ? null : within(namespace),
    paramKind: null,
    exceptions: [],
    budget: KYVERNO_BUDGET,
    lazyMessages: true,
    firstFailureOnly: true,
    conditionsSeeAll: true,
  } satisfies Partial<PolicyParts>;
}

/** A namespaced policy is asked of what lies in its namespace. */
function within(namespace: string): Filter {
  return {
    kinds: [],
    scope: 'Namespaced',
    namespaces: [namespace],
    excludedNamespaces: [],
    labelSelector: [],
    namespaceSelector: [],
    name: '',
    source: 'All',
  };
}
