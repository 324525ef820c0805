/** What the API server refuses in matchConstraints, matchResources and selectors (validation.go, metav1/validation). */

import { pointerStep } from '../../json.ts';
import type { LabelSelector } from '../../match/labels.ts';
import { OPERATIONS } from '../../match/rules.ts';
import { didYouMean } from '../../nearest.ts';
import type { Infer } from '../../shape/shape.ts';
import { type DocumentFault, error } from '../fault.ts';
import type { matchResourcesShape } from '../match-shape.ts';
import { labelValueFault, pathSegmentFault, qualifiedNameFault } from '../names.ts';

export type MatchSource = Infer<typeof matchResourcesShape>;
export type RuleSource = NonNullable<MatchSource['resourceRules']>[number];

export function validateMatch(match: MatchSource, pointer: string): DocumentFault[] {
  const faults: DocumentFault[] = [];
  const { matchPolicy } = match;
  if (matchPolicy !== undefined && matchPolicy !== 'Exact' && matchPolicy !== 'Equivalent') {
    faults.push(notOneOf(`${pointer}/matchPolicy`, matchPolicy, ['Exact', 'Equivalent']));
  }
  faults.push(...validateSelector(match.namespaceSelector, `${pointer}/namespaceSelector`));
  faults.push(...validateSelector(match.objectSelector, `${pointer}/objectSelector`));
  for (const field of ['resourceRules', 'excludeResourceRules'] as const) {
    match[field]?.forEach((rule, i) => {
      faults.push(...validateRule(rule, `${pointer}/${field}/${i}`));
    });
  }
  return faults;
}

export function notOneOf(pointer: string, value: string, allowed: readonly string[]): DocumentFault {
  const list = allowed.map((v) => `"${v}"`).join(', ');
  return error(pointer, `"${value}" is not one of ${list}.${didYouMean(value, allowed)}`);
}

export function validateSelector(selector: LabelSelector | undefined, pointer: string): DocumentFault[] {
  const faults: DocumentFault[] = [];
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) {
    const at = `${pointer}/matchLabels${pointerStep(key)}`;
    faults.push(...named(at, `label "${key}"`, qualifiedNameFault(key)));
    faults.push(...named(at, `value "${value}"`, labelValueFault(value)));
  }
  selector?.matchExpressions?.forEach((requirement, i) => {
    faults.push(...validateRequirement(requirement, `${pointer}/matchExpressions/${i}`));
  });
  return faults;
}

type RequirementSource = NonNullable<LabelSelector['matchExpressions']>[number];

const SELECTOR_OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

function validateRequirement({ key, operator, values }: RequirementSource, pointer: string): DocumentFault[] {
  const faults = named(`${pointer}/key`, `label "${key}"`, qualifiedNameFault(key));
  const some = (values?.length ?? 0) > 0;
  if (!SELECTOR_OPERATORS.includes(operator)) {
    faults.push(notOneOf(`${pointer}/operator`, operator, SELECTOR_OPERATORS));
  } else if (operator.endsWith('In') && !some) {
    faults.push(error(`${pointer}/values`, `Operator ${operator} needs at least one value.`));
  } else if (operator.endsWith('Exist') || operator === 'Exists') {
    if (some) faults.push(error(`${pointer}/values`, `Operator ${operator} takes no values.`));
  }
  values?.forEach((value, i) => {
    faults.push(...named(`${pointer}/values/${i}`, `value "${value}"`, labelValueFault(value)));
  });
  return faults;
}

export function named(pointer: string, what: string, fault: string | undefined): DocumentFault[] {
  return fault === undefined ? [] : [error(pointer, `${what} ${fault}.`)];
}

function validateRule(rule: RuleSource, pointer: string): DocumentFault[] {
  return [
    ...validateNames(rule.resourceNames ?? [], `${pointer}/resourceNames`),
    ...validateOperations(rule.operations ?? [], `${pointer}/operations`),
    ...validateWildcards(rule.apiGroups ?? [], `${pointer}/apiGroups`, 'API groups', true),
    ...validateWildcards(rule.apiVersions ?? [], `${pointer}/apiVersions`, 'API versions', false),
    ...validateResources(rule.resources ?? [], `${pointer}/resources`),
    ...validateScope(rule.scope, `${pointer}/scope`),
  ];
}

function validateNames(names: readonly string[], pointer: string): DocumentFault[] {
  return names.flatMap((name, i) => [
    ...named(`${pointer}/${i}`, `name "${name}"`, pathSegmentFault(name)),
    ...(names.indexOf(name) < i ? [error(`${pointer}/${i}`, `"${name}" is listed twice.`)] : []),
  ]);
}

function validateOperations(operations: readonly string[], pointer: string): DocumentFault[] {
  const faults = validateWildcards(operations, pointer, 'operations', true);
  operations.forEach((operation, i) => {
    if (operation !== '*' && !OPERATIONS.includes(operation as never)) {
      faults.push(notOneOf(`${pointer}/${i}`, operation, ['*', ...OPERATIONS]));
    }
  });
  return faults;
}

function validateWildcards(
  items: readonly string[],
  pointer: string,
  what: string,
  emptyAllowed: boolean,
): DocumentFault[] {
  if (items.length === 0) return [error(pointer, 'At least one is required.')];
  const faults: DocumentFault[] = [];
  if (items.length > 1 && items.includes('*')) {
    faults.push(error(pointer, `With "*" there must be no other ${what}.`));
  }
  items.forEach((item, i) => {
    if (item === '' && !emptyAllowed) faults.push(error(`${pointer}/${i}`, 'Must not be empty.'));
  });
  return faults;
}

function validateScope(scope: string | undefined, pointer: string): DocumentFault[] {
  const scopes = ['*', 'Cluster', 'Namespaced'];
  return scope === undefined || scopes.includes(scope) ? [] : [notOneOf(pointer, scope, scopes)];
}

/** Redundant mixes of wildcards are refused, as the API server refuses them. */
function validateResources(resources: readonly string[], pointer: string): DocumentFault[] {
  if (resources.length === 0) return [error(pointer, 'At least one is required.')];
  const faults: DocumentFault[] = [];
  const allSubresourcesOf = new Set<string>();
  const subresourceOfAll = new Set<string>();
  let plain = false;
  resources.forEach((text, i) => {
    if (text === '') faults.push(error(`${pointer}/${i}`, 'Must not be empty.'));
    const slash = text.indexOf('/');
    if (slash < 0) {
      if (text !== '') plain = text !== '*';
      return;
    }
    const resource = text.slice(0, slash);
    const subresource = text.slice(slash + 1);
    if (allSubresourcesOf.has(resource)) {
      faults.push(error(`${pointer}/${i}`, `"${resource}/*" already covers "${text}".`));
    }
    if (subresourceOfAll.has(subresource)) {
      faults.push(error(`${pointer}/${i}`, `"*/${subresource}" already covers "${text}".`));
    }
    if (subresource === '*') allSubresourcesOf.add(resource);
    if (resource === '*') subresourceOfAll.add(subresource);
  });
  if (resources.length > 1 && resources.includes('*/*')) {
    faults.push(error(pointer, 'With "*/*" there must be no other resources.'));
  }
  if (plain && resources.includes('*')) {
    faults.push(error(pointer, 'With "*" there must be no other resources without subresource.'));
  }
  return faults;
}
