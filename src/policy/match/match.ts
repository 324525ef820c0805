import type { Discovery, EquivalentResource, JsonMap, ResourceInfo } from '../../model/index.ts';
import { mapAt } from '../json.ts';
import { type AdmissionRequest, isNamespaceResource } from '../request.ts';
import { type Labels, type Selector, selects } from './labels.ts';
import { type NamespaceLabels, selectsNamespace, withNameLabel } from './namespaces.ts';
import {
  type GroupVersionKind,
  type GroupVersionResource,
  nameMatches,
  type Rule,
  type RuleTarget,
  ruleMatches,
} from './rules.ts';

/** `MatchResources`, compiled and defaulted. */
export interface MatchResources {
  readonly namespaceSelector: Selector;
  readonly objectSelector: Selector;
  readonly excludeResourceRules: readonly Rule[];
  /** Empty (in bindings): every resource. */
  readonly resourceRules: readonly Rule[];
  readonly matchPolicy: 'Exact' | 'Equivalent';
}

/** Of policies that are asked about every request: something else chooses. */
export const EVERYTHING: MatchResources = {
  namespaceSelector: [],
  objectSelector: [],
  excludeResourceRules: [],
  resourceRules: [
    {
      operations: ['*'],
      apiGroups: ['*'],
      apiVersions: ['*'],
      resources: [{ resource: '*', subresource: '*' }],
      scope: '*',
      resourceNames: [],
    },
  ],
  matchPolicy: 'Exact',
};

/** The version of the resource that the rules matched. */
export interface MatchedResource {
  readonly resource: GroupVersionResource;
  readonly kind: GroupVersionKind;
  /** Whether the request's object can stand for one of that kind. */
  readonly conversion: 'none' | 'same-shape' | 'impossible';
}

export type MatchAnswer =
  | { readonly answer: 'yes'; readonly matched: MatchedResource }
  | { readonly answer: 'no' }
  /** The rules match, and a namespace label that is not known decides. */
  | { readonly answer: 'undecided'; readonly detail: string };

/** What matching asks of its surroundings. */
export interface MatchContext {
  readonly discovery: Discovery;
  readonly namespaceLabels: (namespace: string) => NamespaceLabels;
}

const NO: MatchAnswer = { answer: 'no' };

/**
 * Whether a request is a policy's or binding's business. The order is the API server's
 * (pkg/admission/plugin/policy/matching): a selector's clear no ends it, then excluded, then included resources, and a
 * selector that could not be decided matters only when the rules match.
 */
export function matches(
  match: MatchResources,
  request: AdmissionRequest,
  context: MatchContext,
): MatchAnswer {
  const namespace = matchNamespace(match.namespaceSelector, request, context);
  if (namespace === false) return NO;
  if (!matchObject(match.objectSelector, request)) return NO;
  if (matchRules(match.excludeResourceRules, match.matchPolicy, request, context.discovery) !== undefined) {
    return NO;
  }
  const matched =
    match.resourceRules.length === 0
      ? original(request)
      : matchRules(match.resourceRules, match.matchPolicy, request, context.discovery);
  if (matched === undefined) return NO;
  return namespace === true ? { answer: 'yes', matched } : { answer: 'undecided', detail: namespace.detail };
}

function matchNamespace(
  selector: Selector,
  request: AdmissionRequest,
  context: MatchContext,
): boolean | { detail: string } {
  if (selector.length === 0) return true;
  const isNamespace = isNamespaceName(request);
  // A cluster-scoped object that is no Namespace is never exempted by a namespace selector.
  if (request.namespace === '' && !isNamespace) return true;
  if (isNamespace && request.subresource === '' && writes(request)) {
    // The Namespace being written has its newest labels itself.
    const labels = labelsOf(request.object);
    return selects(
      selector,
      isNamespaceResource(request.resource) ? withNameLabel(labels, request.namespace) : labels,
    );
  }
  return selectsNamespace(selector, request.namespace, context.namespaceLabels);
}

/** As the API server asks: by the resource's name alone, whatever its group. */
function isNamespaceName(request: AdmissionRequest): boolean {
  return request.resource.resource === 'namespaces';
}

function writes(request: AdmissionRequest): boolean {
  return request.operation === 'CREATE' || request.operation === 'UPDATE';
}

function matchObject(selector: Selector, request: AdmissionRequest): boolean {
  if (selector.length === 0) return true;
  return matchesLabels(selector, request.object) || matchesLabels(selector, request.oldObject);
}

function matchesLabels(selector: Selector, object: JsonMap | null): boolean {
  return object !== null && selects(selector, labelsOf(object));
}

function labelsOf(object: JsonMap | null): Labels {
  const metadata = object === null ? undefined : mapAt(object, 'metadata');
  return (metadata === undefined ? undefined : mapAt(metadata, 'labels')) ?? {};
}

function original(request: AdmissionRequest): MatchedResource {
  return { resource: request.resource, kind: request.kind, conversion: 'none' };
}

/** The request's own resource first, over all rules; then, rule by rule, its other versions. */
export function matchRules(
  rules: readonly Rule[],
  matchPolicy: MatchResources['matchPolicy'],
  request: AdmissionRequest,
  discovery: Discovery,
  names = true,
): MatchedResource | undefined {
  const byName = (rule: Rule) => !names || nameMatches(rule, request.name);
  // Who matches exactly means the version that was asked for.
  const asked = matchPolicy === 'Exact' ? (request.original ?? request) : request;
  if (rules.some((rule) => ruleMatches(rule, request, asked.resource) && byName(rule)))
    return original(request);
  if (matchPolicy === 'Exact' || rules.length === 0) return undefined;
  const equivalents = equivalentsOf(request, discovery);
  for (const rule of rules) {
    for (const equivalent of equivalents) {
      if (ruleMatches(rule, request as RuleTarget, equivalent) && byName(rule)) {
        return converted(request, equivalent);
      }
    }
  }
  return undefined;
}

function equivalentsOf(request: AdmissionRequest, discovery: Discovery): readonly EquivalentResource[] {
  const { group, version, resource } = request.resource;
  const info = discovery.ofResource(group, version, resource) ?? mainResource(request);
  if (info === undefined) return [];
  const { subresource } = request;
  return discovery
    .equivalents(info)
    .filter((other) => subresource === '' || other.subresources.includes(subresource));
}

/** For resources no table knows: what the request says of itself, when it is about the resource and not a part of it. */
function mainResource(request: AdmissionRequest): ResourceInfo | undefined {
  if (request.subresource !== '') return undefined;
  return {
    ...request.resource,
    kind: request.kind.kind,
    namespaced: request.namespace !== '' && !isNamespaceResource(request.resource),
    subresources: [],
    guessed: true,
  };
}

function converted(request: AdmissionRequest, to: EquivalentResource): MatchedResource {
  const resource = { group: to.group, version: to.version, resource: to.resource };
  // `deployments/scale` carries a Scale whatever the version of the Deployment is.
  const carriesMainKind = request.kind.group === request.resource.group;
  if (request.subresource !== '' && !carriesMainKind) {
    return { resource, kind: request.kind, conversion: 'none' };
  }
  const kind = { group: to.group, version: to.version, kind: to.kind };
  return { resource, kind, conversion: to.sameShape ? 'same-shape' : 'impossible' };
}
