import type { JsonMap } from '../../model/index.ts';

/** A label selector as a list of requirements that must all hold; the empty one selects everything. */
export type Selector = readonly Requirement[];

export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

/** The source form: `metav1.LabelSelector`. */
export interface LabelSelector {
  readonly matchLabels?: { readonly [key: string]: string };
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** Compiles a valid selector (validation is the loader's); absent means everything, as the API server defaults it. */
export function compileSelector(selector: LabelSelector | undefined): Selector {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(
    ([key, value]): Requirement => ({ key, operator: 'In', values: [value] }),
  );
  const expressions = (selector?.matchExpressions ?? []).map(
    ({ key, operator, values }): Requirement => ({
      key,
      operator: operator as Requirement['operator'],
      values: values ?? [],
    }),
  );
  return [...equal, ...expressions];
}

/** Labels of an object: only own, string-valued ones count. */
export type Labels = JsonMap;

/** Semantics of apimachinery's `labels.Requirement.Matches`. */
export function selects(selector: Selector, labels: Labels): boolean {
  return selector.every((requirement) => meets(requirement, labels));
}

function meets({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  const exists = typeof value === 'string';
  switch (operator) {
    case 'In':
      return exists && values.includes(value);
    case 'NotIn':
      return !exists || !values.includes(value);
    case 'Exists':
      return exists;
    case 'DoesNotExist':
      return !exists;
  }
}

/**
 * Three-valued answer over labels of which only some are known: a false requirement decides, else an unknown one leaves
 * it open and is named.
 */
export function selectsPartially(
  selector: Selector,
  known: Labels,
): { readonly decided: boolean } | { readonly undecided: string } {
  let open: string | undefined;
  for (const requirement of selector) {
    if (Object.hasOwn(known, requirement.key)) {
      if (!meets(requirement, known)) return { decided: false };
    } else open ??= requirement.key;
  }
  return open === undefined ? { decided: true } : { undecided: open };
}
