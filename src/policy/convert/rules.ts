/** Compiled match resources as the documents of admission policies write them. */
import type { JsonMap } from '../../model/index.ts';
import type { Selector } from '../match/labels.ts';
import type { MatchResources } from '../match/match.ts';
import type { Rule } from '../match/rules.ts';

/** Undefined when nothing is asked. */
export function matchDocument(match: MatchResources): JsonMap | undefined {
  const { resourceRules, excludeResourceRules, namespaceSelector, objectSelector, matchPolicy } = match;
  const document = {
    ...(resourceRules.length === 0 ? {} : { resourceRules: rulesDocument(resourceRules) }),
    ...(excludeResourceRules.length === 0
      ? {}
      : { excludeResourceRules: rulesDocument(excludeResourceRules) }),
    ...(namespaceSelector.length === 0 ? {} : { namespaceSelector: selectorDocument(namespaceSelector) }),
    ...(objectSelector.length === 0 ? {} : { objectSelector: selectorDocument(objectSelector) }),
    ...(matchPolicy === 'Equivalent' ? {} : { matchPolicy }),
  };
  return Object.keys(document).length === 0 ? undefined : document;
}

/** Rules that differ in their resources alone are one. */
function rulesDocument(rules: readonly Rule[]): JsonMap[] {
  const byRest = Map.groupBy(rules, ({ resources: _, ...rest }) => JSON.stringify(rest));
  return [...byRest.values()].map((of) => {
    const { apiGroups, apiVersions, operations, scope, resourceNames } = of[0]!;
    const resources = of.flatMap((rule) =>
      rule.resources.map(({ resource, subresource }) =>
        subresource === '' ? resource : `${resource}/${subresource}`,
      ),
    );
    return {
      apiGroups,
      apiVersions,
      operations,
      resources: [...new Set(resources)],
      ...(scope === '*' ? {} : { scope }),
      ...(resourceNames.length === 0 ? {} : { resourceNames }),
    };
  });
}

export function selectorDocument(selector: Selector): JsonMap {
  const single = selector.filter(({ operator, values }) => operator === 'In' && values.length === 1);
  const labels = new Map(single.map(({ key, values }) => [key, values[0]!]));
  // Two values of one label exclude each other, and a map would keep one.
  const plain = labels.size === single.length ? single : [];
  const others = selector.filter((requirement) => !plain.includes(requirement));
  return {
    ...(plain.length === 0 ? {} : { matchLabels: Object.fromEntries(labels) }),
    ...(others.length === 0
      ? {}
      : {
          matchExpressions: others.map(({ key, operator, values }) => ({
            key,
            operator,
            ...(values.length === 0 ? {} : { values }),
          })),
        }),
  };
}
