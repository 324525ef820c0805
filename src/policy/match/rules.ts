/** Resource rules of admission: the semantics of apiserver's pkg/admission/plugin/webhook/predicates/rules. */

export const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;
export type Operation = (typeof OPERATIONS)[number];

export type Scope = '*' | 'Cluster' | 'Namespaced';

export interface GroupVersionResource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A NamedRuleWithOperations, compiled. */
export interface Rule {
  readonly operations: readonly string[];
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly { readonly resource: string; readonly subresource: string }[];
  readonly scope: Scope;
  /** Empty: every name. */
  readonly resourceNames: readonly string[];
}

/** What a rule is asked about. */
export interface RuleTarget {
  readonly operation: Operation;
  readonly resource: GroupVersionResource;
  /** Empty for the resource itself. */
  readonly subresource: string;
  /** The request's namespace; a Namespace object's own name. */
  readonly namespace: string;
}

/** `pods`, `pods/status`, `*`, `pods/*`, `*\/scale`, `*\/*`. A rule on `pods` says nothing of `pods/status`. */
export function parseResource(text: string): { resource: string; subresource: string } {
  const slash = text.indexOf('/');
  if (slash < 0) return { resource: text, subresource: '' };
  return { resource: text.slice(0, slash), subresource: text.slice(slash + 1) };
}

/** Everything but the names. */
export function ruleMatches(rule: Rule, target: RuleTarget, resource = target.resource): boolean {
  return (
    scopeMatches(rule.scope, resource, target.namespace) &&
    has(rule.operations, target.operation) &&
    has(rule.apiGroups, resource.group) &&
    has(rule.apiVersions, resource.version) &&
    resourceMatches(rule, resource.resource, target.subresource)
  );
}

function has(items: readonly string[], item: string): boolean {
  return items.includes('*') || items.includes(item);
}

function scopeMatches(scope: Scope, resource: GroupVersionResource, namespace: string): boolean {
  if (scope === '*') return true;
  // The namespace attribute of a request for a Namespace is its own name, yet Namespaces are cluster-scoped.
  const isNamespace =
    resource.group === '' && resource.version === 'v1' && resource.resource === 'namespaces';
  const clusterScoped = isNamespace || namespace === '';
  return scope === 'Cluster' ? clusterScoped : !clusterScoped;
}

function resourceMatches(rule: Rule, resource: string, subresource: string): boolean {
  return rule.resources.some(
    (r) =>
      (r.resource === '*' || r.resource === resource) &&
      (r.subresource === '*' || r.subresource === subresource),
  );
}

export function nameMatches(rule: Rule, name: string): boolean {
  return rule.resourceNames.length === 0 || rule.resourceNames.includes(name);
}
