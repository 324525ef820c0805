/**
 * What rules on resources cannot say, and Gatekeeper's match block does: kinds, scope, names and namespaces with
 * wildcards. Source: gatekeeper pkg/mutation/match.
 */
import type { JsonMap } from '../../model/index.ts';
import { mapAt, stringAt } from '../json.ts';
import { type AdmissionRequest, parseApiVersion } from '../request.ts';
import { type Selector, selects } from './labels.ts';
import type { MatchContext } from './match.ts';
import { selectsNamespace } from './namespaces.ts';
import { wildcardMatches, wildcardMatchesGenerated } from './wildcard.ts';

export interface Filter {
  /** Empty: every kind. */
  readonly kinds: readonly KindFilter[];
  readonly scope: 'any' | 'Cluster' | 'Namespaced';
  /** Empty: every namespace. */
  readonly namespaces: readonly string[];
  readonly excludedNamespaces: readonly string[];
  readonly labelSelector: Selector;
  readonly namespaceSelector: Selector;
  /** Empty: every name. */
  readonly name: string;
  /** Whether objects as they are, those that an expansion made, or both are meant. */
  readonly source: 'All' | 'Original' | 'Generated';
}

export interface KindFilter {
  /** Empty, or `*` among them: all. */
  readonly apiGroups: readonly string[];
  readonly kinds: readonly string[];
}

/** A label of a namespace, or a user, that nobody knows may decide. */
export type FilterAnswer =
  | boolean
  | { readonly detail: string; readonly reason?: 'needs-namespace' | 'needs-user' };

/** One object of the request, the new one or the old one, has to pass. */
export function passesFilter(filter: Filter, request: AdmissionRequest, context: MatchContext): FilterAnswer {
  let undecided: FilterAnswer = false;
  for (const object of [request.object, request.oldObject]) {
    if (object === null) continue;
    const answer = objectPasses(filter, object, request, context);
    if (answer === true) return true;
    if (answer !== false) undecided = answer;
  }
  return undecided;
}

/** An object with what is asked of it. */
interface Target {
  readonly group: string;
  readonly kind: string;
  readonly metadata: JsonMap;
  readonly isNamespace: boolean;
  /** The namespace it lies in, by its own word or the request's; empty when there is none. */
  readonly namespace: string;
}

function objectPasses(
  filter: Filter,
  object: JsonMap,
  request: AdmissionRequest,
  context: MatchContext,
): FilterAnswer {
  if (filter.source === (request.generated === true ? 'Original' : 'Generated')) return false;
  const target = targetOf(object, request);
  return (
    kindPasses(filter.kinds, target) &&
    scopePasses(filter.scope, target) &&
    namespacesPass(filter, target) &&
    labelsPass(filter.labelSelector, target) &&
    namePasses(filter.name, target) &&
    namespaceLabelsPass(filter.namespaceSelector, target, context)
  );
}

function targetOf(object: JsonMap, request: AdmissionRequest): Target {
  const { group } = parseApiVersion(stringAt(object, 'apiVersion'));
  const kind = stringAt(object, 'kind');
  const metadata = mapAt(object, 'metadata') ?? {};
  const isNamespace = kind === 'Namespace' && group === '';
  const namespace = isNamespace ? '' : request.namespace || stringAt(metadata, 'namespace');
  return { group, kind, metadata, isNamespace, namespace };
}

function kindPasses(kinds: readonly KindFilter[], { group, kind }: Target): boolean {
  const has = (list: readonly string[], value: string) =>
    list.length === 0 || list.includes('*') || list.includes(value);
  return kinds.length === 0 || kinds.some((entry) => has(entry.kinds, kind) && has(entry.apiGroups, group));
}

function scopePasses(scope: Filter['scope'], { isNamespace, namespace }: Target): boolean {
  if (scope === 'any') return true;
  return scope === 'Cluster' ? isNamespace || namespace === '' : !isNamespace && namespace !== '';
}

/** A Namespace lies in itself; objects of the cluster lie in none, and no list of namespaces rules them out. */
function namespacesPass({ namespaces, excludedNamespaces }: Filter, target: Target): boolean {
  const namespace = target.isNamespace ? stringAt(target.metadata, 'name') : target.namespace;
  if (namespace === '') return true;
  const among = (patterns: readonly string[]) => patterns.some((p) => wildcardMatches(p, namespace));
  return (namespaces.length === 0 || among(namespaces)) && !among(excludedNamespaces);
}

function labelsPass(selector: Selector, { metadata }: Target): boolean {
  return selector.length === 0 || selects(selector, mapAt(metadata, 'labels') ?? {});
}

function namePasses(pattern: string, { metadata }: Target): boolean {
  return (
    pattern === '' ||
    wildcardMatches(pattern, stringAt(metadata, 'name')) ||
    wildcardMatchesGenerated(pattern, stringAt(metadata, 'generateName'))
  );
}

function namespaceLabelsPass(selector: Selector, target: Target, context: MatchContext): FilterAnswer {
  if (selector.length === 0) return true;
  if (target.isNamespace) return selects(selector, mapAt(target.metadata, 'labels') ?? {});
  if (target.namespace === '') return true;
  return selectsNamespace(selector, target.namespace, context.namespaceLabels);
}
