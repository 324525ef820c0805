/** Rules of a webhook taken apart, so that none is there twice, and put together again in few. */
import { OPERATIONS, type Rule, type Scope } from '../../policy/match/rules.ts';

/** One resource in one version, by name or wildcard. */
export interface Atom {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** Empty: the resource itself. */
  readonly subresource: string;
  readonly scope: Scope;
}

/** With what is asked of it. */
export interface AskedAtom extends Atom {
  /** Of {@link OPERATIONS}, in their order. */
  readonly operations: readonly string[];
}

/** As a configuration holds it: a RuleWithOperations. */
export interface WebhookRule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly operations: readonly string[];
  readonly resources: readonly string[];
  readonly scope: Scope;
}

/** Each once, none that another one holds. */
export function atomsOf(rules: Iterable<Omit<Rule, 'resourceNames'>>): AskedAtom[] {
  const asked = new Map<string, { atom: Atom; operations: Set<string> }>();
  for (const { apiGroups, apiVersions, resources, scope, operations } of rules)
    for (const group of apiGroups)
      for (const version of apiVersions)
        for (const { resource, subresource } of resources) {
          const atom = { group, version, resource, subresource, scope };
          const key = JSON.stringify(atom);
          const known = asked.get(key) ?? { atom, operations: new Set() };
          for (const operation of operations.includes('*') ? OPERATIONS : operations)
            known.operations.add(operation);
          asked.set(key, known);
        }
  const all = [...asked.values()].map(({ atom, operations }) => ({
    ...atom,
    operations: OPERATIONS.filter((operation) => operations.has(operation)),
  }));
  const wide = all.filter(isWide);
  return all.filter((atom) => !wide.some((other) => other !== atom && holds(other, atom)));
}

function isWide({ group, version, resource, subresource, scope }: Atom): boolean {
  return scope === '*' || [group, version, resource, subresource].includes('*');
}

/** Of two different ones: each field is the same or a wildcard, so that no two hold each other. */
export function holds(wide: AskedAtom, atom: AskedAtom): boolean {
  return (
    fits(wide.group, atom.group) &&
    fits(wide.version, atom.version) &&
    fits(wide.resource, atom.resource) &&
    fits(wide.subresource, atom.subresource) &&
    fits(wide.scope, atom.scope) &&
    atom.operations.every((operation) => wide.operations.includes(operation))
  );
}

function fits(pattern: string, value: string): boolean {
  return pattern === '*' || pattern === value;
}

/** Put together only where they differ in one thing, so that what comes out asks for the same and no more. */
export function rulesOf(atoms: readonly AskedAtom[]): WebhookRule[] {
  let rules: WebhookRule[] = atoms.map(({ group, version, resource, subresource, scope, operations }) => ({
    apiGroups: [group],
    apiVersions: [version],
    operations: operations.length === OPERATIONS.length ? ['*'] : operations,
    resources: [subresource === '' ? resource : `${resource}/${subresource}`],
    scope,
  }));
  for (const field of ['resources', 'apiVersions', 'apiGroups'] as const) rules = joined(rules, field);
  return rules.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function joined(
  rules: readonly WebhookRule[],
  field: 'resources' | 'apiVersions' | 'apiGroups',
): WebhookRule[] {
  const alike = Map.groupBy(rules, (rule) => JSON.stringify({ ...rule, [field]: null }));
  return [...alike.values()].map((group) => ({
    ...group[0]!,
    [field]: [...new Set(group.flatMap((rule) => rule[field]))].sort(),
  }));
}

function sortKey({ apiGroups, resources, apiVersions, operations, scope }: WebhookRule): string {
  return JSON.stringify([apiGroups, resources, apiVersions, operations, scope]);
}
