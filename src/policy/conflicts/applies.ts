/** Which objects a policy is asked about: kinds by its rules, and conditions on the object by the rest of its match. */
import type { Discovery, ResourceInfo } from '../../model/index.ts';
import type { CompiledPolicy } from '../form.ts';
import { pointerStep } from '../json.ts';
import type { BlockFilter } from '../match/blocks.ts';
import { isExempt } from '../match/exempt.ts';
import type { Filter } from '../match/filter.ts';
import type { Requirement, Selector } from '../match/labels.ts';
import { type MatchResources, matchRules } from '../match/match.ts';
import type { Operation, Rule } from '../match/rules.ts';
import { type AdmissionRequest, isNamespaceResource } from '../request.ts';
import { blocksFit, blocksFormula } from './blocks.ts';
import {
  absent,
  and,
  cell,
  type Formula,
  is,
  isNot,
  opaque,
  or,
  present,
  type TextOperation,
  TRUE,
  truth,
} from './formula.ts';

/** A kind of request: an operation on objects of a kind. */
export interface Target {
  readonly info: ResourceInfo;
  readonly operation: Operation;
}

/** Whether rules let the policy be asked about such requests at all. */
export function mayApply(policy: CompiledPolicy, target: Target, discovery: Discovery): boolean {
  return (
    !isExempt(target.info) &&
    rulesFit(policy.match, target, discovery) &&
    isAboutObjects(policy) &&
    (policy.filter === null || filterFits(policy.filter, target)) &&
    policy.bindings.some(({ match }) => match === null || rulesFit(match, target, discovery))
  );
}

function rulesFit(match: MatchResources, target: Target, discovery: Discovery): boolean {
  const { resourceRules, excludeResourceRules, matchPolicy } = match;
  const unnamed = excludeResourceRules.filter(({ resourceNames }) => resourceNames.length === 0);
  const request = requestFor(target);
  if (matchRules(unnamed, matchPolicy, request, discovery, false) !== undefined) return false;
  if (resourceRules.length === 0) return true;
  const matched = matchRules(resourceRules, matchPolicy, request, discovery, false);
  return matched !== undefined && matched.conversion !== 'impossible';
}

function requestFor({ info, operation }: Target): AdmissionRequest {
  const { group, version, kind, resource, namespaced } = info;
  return {
    operation,
    kind: { group, version, kind },
    resource: { group, version, resource },
    subresource: '',
    name: '',
    namespace: namespaced ? 'default' : '',
    dryRun: false,
    options: null,
    object: null,
    oldObject: null,
    ref: { apiVersion: '', kind, namespace: '', name: '' },
  };
}

/** Documents that are no objects, and what stands in objects in places nobody knows, are not looked into. */
function isAboutObjects({ subject, template }: CompiledPolicy): boolean {
  return subject !== 'payload' && template !== 'found';
}

function filterFits(filter: Filter | BlockFilter, { info, operation }: Target): boolean {
  return 'match' in filter ? blocksFit(filter, info, operation) : kindFits(filter, info);
}

function kindFits({ kinds, scope, source }: Filter, { group, kind, namespaced }: ResourceInfo): boolean {
  const has = (list: readonly string[], value: string) =>
    list.length === 0 || list.includes('*') || list.includes(value);
  if (source === 'Generated' || (scope !== 'any' && (scope === 'Namespaced') !== namespaced)) return false;
  return kinds.length === 0 || kinds.some((entry) => has(entry.kinds, kind) && has(entry.apiGroups, group));
}

/** What selectors, names and namespaces ask of an object that the rules fit; match conditions are not in it. */
export function matchFormula(policy: CompiledPolicy, target: Target, discovery: Discovery): Formula {
  const bindings = policy.bindings
    .filter(({ match }) => match === null || rulesFit(match, target, discovery))
    .map(({ match }) => (match === null ? TRUE : resourcesFormula(match, target, discovery)));
  return and(
    resourcesFormula(policy.match, target, discovery),
    filterAsks(policy, target),
    policy.exceptions.length === 0 ? TRUE : opaque(`the exceptions to ${policy.id}`, true),
    or(...bindings),
  );
}

function filterAsks({ id, filter }: CompiledPolicy, target: Target): Formula {
  if (filter === null) return TRUE;
  if ('match' in filter) return blocksFormula(filter, id);
  return eitherObject(target, (root) => filterFormula(filter, root, target));
}

/** One of the two objects of an update is enough. */
function eitherObject({ operation }: Target, of: (root: string) => Formula): Formula {
  return operation === 'UPDATE' ? or(of('object'), of('oldObject')) : of('object');
}

function resourcesFormula(match: MatchResources, target: Target, discovery: Discovery): Formula {
  return and(
    namesFormula(match, target, discovery),
    eitherObject(target, (root) => selectorFormula(match.objectSelector, `${root}/metadata/labels`)),
    namespaceFormula(match.namespaceSelector, target),
  );
}

const NAME = 'object/metadata/name';

function namesFormula(match: MatchResources, target: Target, discovery: Discovery): Formula {
  const request = requestFor(target);
  const fitting = (rules: readonly Rule[]) =>
    rules.filter((rule) => matchRules([rule], match.matchPolicy, request, discovery, false) !== undefined);
  const meant = fitting(match.resourceRules);
  const named = meant.length > 0 && meant.every(({ resourceNames }) => resourceNames.length > 0);
  const excluded = fitting(match.excludeResourceRules).flatMap(({ resourceNames }) => resourceNames);
  return and(
    named ? is(NAME, ...meant.flatMap(({ resourceNames }) => resourceNames)) : TRUE,
    excluded.length === 0 ? TRUE : or(absent(NAME), isNot(NAME, ...excluded)),
  );
}

function selectorFormula(
  selector: Selector,
  labels: string,
  pathFor?: (key: string) => string | undefined,
): Formula {
  return and(
    ...selector.map((requirement) =>
      requirementFormula(requirement, pathFor?.(requirement.key) ?? labels + pointerStep(requirement.key)),
    ),
  );
}

function requirementFormula({ operator, values }: Requirement, path: string): Formula {
  switch (operator) {
    case 'In':
      return is(path, ...values);
    case 'NotIn':
      return or(absent(path), isNot(path, ...values));
    case 'Exists':
      return present(path);
    case 'DoesNotExist':
      return absent(path);
  }
}

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Cluster-scoped objects are never ruled out by a namespace selector; a Namespace has the labels itself. */
function namespaceFormula(selector: Selector, { info }: Target): Formula {
  const isNamespace = isNamespaceResource(info);
  if (!info.namespaced && !isNamespace) return TRUE;
  const nameAt = isNamespace ? NAME : 'object/metadata/namespace';
  const labels = isNamespace ? 'object/metadata/labels' : 'namespaceObject/metadata/labels';
  return selectorFormula(selector, labels, (key) => (key === NAME_LABEL ? nameAt : undefined));
}

function filterFormula(filter: Filter, root: string, target: Target): Formula {
  const { namespaces, excludedNamespaces, labelSelector, namespaceSelector, name } = filter;
  const isNamespace = isNamespaceResource(target.info);
  // An update changes neither name nor namespace.
  const namespace = isNamespace ? NAME : 'object/metadata/namespace';
  const lies = isNamespace || target.info.namespaced;
  return and(
    lies && namespaces.length > 0 ? or(...namespaces.map((p) => wildcard(namespace, p, true))) : TRUE,
    lies ? and(...excludedNamespaces.map((p) => wildcard(namespace, p, false))) : TRUE,
    selectorFormula(labelSelector, `${root}/metadata/labels`),
    namespaceFormula(namespaceSelector, target),
    name === '' ? TRUE : nameFormula(name),
  );
}

function nameFormula(pattern: string): Formula {
  const named = wildcard(NAME, pattern, true);
  if (!pattern.endsWith('*')) return named;
  return or(named, wildcard('object/metadata/generateName', pattern, true));
}

function wildcard(path: string, pattern: string, holds: boolean): Formula {
  const front = pattern.startsWith('*');
  const back = pattern.endsWith('*');
  const text = pattern.slice(front ? 1 : 0, back && pattern.length > 1 ? -1 : undefined);
  if (pattern === '*') return truth(holds);
  if (!front && !back) return holds ? is(path, text) : isNot(path, text);
  const operation: TextOperation = front && back ? 'contains' : front ? 'endsWith' : 'startsWith';
  return cell(path, { test: 'text', operation, text, holds });
}
