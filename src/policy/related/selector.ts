import { isMap as isCelMap, mapEntries } from '../../cel/runtime/maps.ts';
import type { Value } from '../../cel/values.ts';
import { compileSelector, type LabelSelector, type Selector } from '../match/labels.ts';

/**
 * A label selector as expressions give it: a `metav1.LabelSelector`, or, as Services have it, a map from label to value.
 * Undefined for anything else.
 */
export function selectorOf(value: unknown): Selector | undefined {
  const map = plainMap(value as Value);
  if (map === undefined) return undefined;
  if (Object.values(map).every((label) => typeof label === 'string'))
    return compileSelector({ matchLabels: map as Record<string, string> });
  const { matchLabels = {}, matchExpressions = [], ...others } = map;
  const labels = plainMap(matchLabels);
  if (Object.keys(others).length > 0 || labels === undefined || !Array.isArray(matchExpressions))
    return undefined;
  if (!Object.values(labels).every((label) => typeof label === 'string')) return undefined;
  const expressions = matchExpressions.map(requirementOf);
  if (!expressions.every((expression) => expression !== undefined)) return undefined;
  return compileSelector({ matchLabels: labels as Record<string, string>, matchExpressions: expressions });
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

function requirementOf(value: Value): NonNullable<LabelSelector['matchExpressions']>[number] | undefined {
  const { key, operator, values = [] } = plainMap(value) ?? {};
  if (typeof key !== 'string' || typeof operator !== 'string' || !OPERATORS.includes(operator))
    return undefined;
  if (!Array.isArray(values) || !values.every((text) => typeof text === 'string')) return undefined;
  return { key, operator, values };
}

/** Labels as expressions give them. */
export function plainMap(value: Value): Record<string, Value> | undefined {
  if (!isCelMap(value)) return undefined;
  const entries = mapEntries(value);
  return entries.every(([key]) => typeof key === 'string')
    ? Object.fromEntries(entries as (readonly [string, Value])[])
    : undefined;
}
